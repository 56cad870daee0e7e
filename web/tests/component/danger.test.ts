// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import DangerBanner from "@/components/DangerBanner.vue";
import DangerWatch from "@/components/DangerWatch.vue";
import type { Account, CallLive, Danger } from "@/core/types";
import { useDanger } from "@/stores/danger";
import { useLive } from "@/stores/live";
import { useSession } from "@/stores/session";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
const raised = (more: Partial<Danger> = {}): Danger => ({
  id: "d1", call_id: "c1", case_id: null, agent_no: "1001", agent_name: "张三", number: "13912345678", number_display: "139 1234 5678", place: "洪楼桥", last_words: "不想活了",
  raised_at: new Date().toISOString(), acknowledged_at: null, acknowledged_by: null, callbacks: 0, callbacks_most: 3, state: "open", ended_at: null, ...more,
});
const posted: { kind: string; args: Record<string, unknown> }[] = [];

beforeEach(() => {
  posted.length = 0;
  vi.stubGlobal("fetch", (_url: string, init?: RequestInit) => {
    posted.push(JSON.parse(String(init?.body)) as (typeof posted)[number]);
    return Promise.resolve(Response.json({ ...(posted.at(-1) as object), state: "pending", reason: null, asked_at: "", deadline_at: "" }, { status: 202 }));
  });
});
afterEach(() => vi.unstubAllGlobals());

function floor(): void {
  useSession().account = { id: "b", agent_no: "1009", role: "supervisor" } as Account;
  const live = useLive();
  live.picture = { ...live.picture, calls: { c1: { call_id: "c1", state: "talking", agent_no: "1001", parties: [] } as unknown as CallLive } };
}

it.each([["the banner", DangerBanner, raised()], ["the strip of those in hand", DangerWatch, raised({ acknowledged_at: "2026-11-23T01:05:00Z", acknowledged_by: "boss" })]])("%s joins a danger call with an ear, and speaks by the same buttons", async (_name, component, danger) => {
  const w = show(component);
  floor();
  await nextTick();
  useDanger().open = [danger];
  await nextTick();
  await w.get(byId("ear-listen")).trigger("click");
  await flushPromises();
  expect(posted.map((c) => [c.kind, c.args])).toEqual([["call.listen", { call_id: "c1" }]]);
  expect(w.get(byId("ear-barge")).text()).toContain("强插");
});

it("a danger call that ended before anybody saw it stays until somebody has", async () => {
  const w = show(DangerBanner);
  floor();
  await nextTick();
  const danger = useDanger();
  danger.open = [raised({ state: "over", ended_at: "2026-11-23T01:06:00Z" })];
  await nextTick();
  expect(w.find(byId("danger-banner")).exists()).toBe(true);
  expect(danger.followed).toEqual([]);
});
