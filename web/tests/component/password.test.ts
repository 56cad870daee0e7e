// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import OwnName from "@/components/OwnName.vue";
import PageBar from "@/components/PageBar.vue";
import { ApiProblem, Unreachable } from "@/core/problem";
import type { Account } from "@/core/types";
import { useLocale } from "@/locales";
import { useNotices } from "@/stores/notices";
import { api, useSession } from "@/stores/session";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
beforeEach(() => {
  vi.restoreAllMocks();
  useLocale("en");
});
const on = <T extends HTMLElement>(testid: string): T => document.body.querySelector<T>(byId(testid))!;
const TYPED = { present: "old password", new: "new password", again: "new password" };

async function opened(typed: Record<string, string> = TYPED) {
  const w = show(OwnName);
  useSession().account = { login: "zhang", display_name: "张伟", role: "agency" } as Account;
  await nextTick();
  await w.get(byId("own-name")).trigger("click");
  await flushPromises();
  for (const [name, text] of Object.entries(typed)) {
    on<HTMLInputElement>(`password-${name}`).value = text;
    on(`password-${name}`).dispatchEvent(new Event("input"));
  }
  await nextTick();
  return w;
}
async function save() {
  on("password-form").dispatchEvent(new Event("submit", { cancelable: true }));
  await flushPromises();
}
const typed = () => Object.keys(TYPED).map((name) => on<HTMLInputElement>(`password-${name}`).value);
const said = () => [...document.body.querySelectorAll(`${byId("password-form")} [role="alert"]`)].map((a) => a.textContent);

describe("the own password", () => {
  it("is reached from the name in the bar of a page, a button of that name", async () => {
    const w = show(PageBar, { title: "Users" });
    useSession().account = { login: "zhang", display_name: "张伟", role: "agency" } as Account;
    await nextTick();
    const name = w.get(`${byId("page-who")} button`);
    expect(name.text()).toBe("张伟");
    expect(name.attributes("aria-label")).toBe("张伟 · Change my password");
    await name.trigger("click");
    await flushPromises();
    expect(document.body.querySelector('[role="dialog"]')!.getAttribute("aria-label")).toBe("Change my password");
  });

  it("is sent once all three are typed, and said to be done", async () => {
    const asked = vi.spyOn(api, "changePassword").mockResolvedValue();
    await opened({ present: "old password", new: "new password" });
    expect(on<HTMLButtonElement>("password-save").disabled).toBe(true);
    await save();
    expect(asked).not.toHaveBeenCalled();
    on<HTMLInputElement>("password-again").value = "new password";
    on("password-again").dispatchEvent(new Event("input"));
    await save();
    expect(asked).toHaveBeenCalledExactlyOnceWith("old password", "new password");
    expect(useNotices().list.map((n) => n.tone)).toEqual(["good"]);
    expect(on("password-form")).toBeNull();
  });

  it("is not sent while the two new ones differ", async () => {
    const asked = vi.spyOn(api, "changePassword").mockResolvedValue();
    await opened({ ...TYPED, again: "new passwort" });
    await save();
    expect(asked).not.toHaveBeenCalled();
    expect(said()).toEqual(["⚠ The two new passwords are not the same."]);
    expect(document.activeElement).toBe(on("password-again"));
  });

  it.each([
    ["a wrong present one", new ApiProblem(401, "session.bad_credentials", "The login or the password is wrong.", [{ field: "password", message: "This is not your present password." }]), "⚠ This is not your present password."],
    ["one that is too short", new ApiProblem(422, "request.invalid", "Some fields are not right.", [{ field: "new_password", message: "A password has at least 8 characters." }]), "⚠ A password has at least 8 characters."],
    ["too many tries", new ApiProblem(429, "session.locked", "Too many attempts. Please wait 30 seconds."), "⚠ Too many attempts. Please wait 30 seconds."],
    ["no answer", new Unreachable(), "⚠ No answer came, so the password may have been changed. Try again; if the present one is refused, the new one holds."],
  ])("keeps what was typed on %s, and says so in the reader's language", async (_, error, text) => {
    vi.spyOn(api, "changePassword").mockRejectedValue(error);
    await opened();
    await save();
    expect(said()).toEqual([text]);
    expect(typed()).toEqual(Object.values(TYPED));
    expect(useSession().account?.login).toBe("zhang");
  });

  it("closes with Escape and forgets what was typed", async () => {
    const w = await opened();
    on("password-new").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", code: "Escape", bubbles: true }));
    await flushPromises();
    expect(on("password-form")).toBeNull();
    await w.get(byId("own-name")).trigger("click");
    await flushPromises();
    expect(typed()).toEqual(["", "", ""]);
  });
});
