// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import OldPage from "@/components/OldPage.vue";
import { api, useSession } from "@/stores/session";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
afterEach(() => {
  vi.unstubAllGlobals();
  document.head.querySelectorAll("script").forEach((script) => script.remove());
});

async function shown(mine: string, served: string | null) {
  const script = document.createElement("script");
  script.type = "module";
  script.setAttribute("src", mine);
  document.head.append(script);
  const w = show(OldPage);
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ items: [] }, { headers: served ? { "x-lianxin-pages": served } : {} })));
  await api.users();
  await flushPromises();
  return w;
}

it("says that it is old as soon as any answer names another script", async () => {
  const w = await shown("/assets/index-old.js", "/assets/index-new.js");
  expect(w.get(byId("old-page")).attributes("role")).toBe("status");
  expect(w.get(byId("old-page-load")).attributes()).not.toHaveProperty("disabled");
});

it("cuts nobody off: it is loaded after the call", async () => {
  const w = await shown("/assets/index-old.js", "/assets/index-new.js");
  useSession().calling = true;
  await flushPromises();
  expect(w.get(byId("old-page-load")).attributes()).toHaveProperty("disabled");
  expect(w.text()).toContain("通话结束后");
});

it.each([["/assets/index-new.js", "/assets/index-new.js"], ["/assets/index-old.js", null], ["/src/main.ts", "/assets/index-new.js"]])("says nothing where it is not: %s of %s", async (mine, served) => {
  const w = await shown(mine, served);
  expect(w.find(byId("old-page")).exists()).toBe(false);
});
