// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import CallbackList from "@/components/CallbackList.vue";
import { markOf, minutesSince } from "@/core/callbacks";
import type { Account, Callback } from "@/core/types";
import { useLive } from "@/stores/live";
import { useSession } from "@/stores/session";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
const NOW = Date.parse("2026-11-28T12:00:00Z");
const entry = (number: string, more: Partial<Callback> = {}): Callback => ({ id: `id-${number}`, call_id: "c", number, number_display: number, kind: "abandoned", callable: !!number, attempts: 1, first_at: "2026-11-28T11:30:00Z", last_at: "2026-11-28T11:40:00Z", since_at: "2026-11-28T11:30:00Z", place: null, waited_s: null, outcome: "abandoned", state: "open", taken_by: null, taken_until: null, command_id: null, tries: 0, next_at: null, end_reason: null, ended_at: null, messages: [], ...more });
const asked: { url: string; body: unknown }[] = [];
let answer: object = {};

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => {
    if (init?.method !== "POST") return Promise.resolve(Response.json(answer));
    asked.push({ url, body: JSON.parse(String(init.body ?? "null")) });
    return Promise.resolve(Response.json({ callback: entry("13912345678"), command: {} }, { status: 202 }));
  });
});
afterEach(() => vi.unstubAllGlobals());

async function listed(items: Callback[], more: object = {}, role = "agent") {
  answer = { items, total: items.length, offered: true, waiting: 0, ready: 1, ...more };
  const w = show(CallbackList);
  useSession().account = { agent_no: "1001", role, time_zone: "UTC" } as Account;
  const live = useLive();
  live.picture = { ...live.picture, agents: { "1001": { agent_no: "1001", state: "ready", call_id: null } } } as unknown as typeof live.picture;
  await flushPromises();
  return w;
}

describe("what an entry is marked as", () => {
  it("says why it is not to be called now", () => {
    expect(markOf(entry("1"), "1001", NOW)).toBe("open");
    expect(markOf(entry(""), "1001", NOW)).toBe("cannot");
    expect(markOf(entry("1", { next_at: "2026-11-28T12:15:00Z" }), "1001", NOW)).toBe("later");
    expect(markOf(entry("1", { next_at: "2026-11-28T11:15:00Z" }), "1001", NOW)).toBe("open");
    expect(markOf(entry("1", { state: "taken", taken_by: "1001" }), "1001", NOW)).toBe("yours");
    expect(markOf(entry("1", { state: "taken", taken_by: "1002" }), "1001", NOW)).toBe("taken");
    expect(minutesSince("2026-11-28T11:58:30Z", NOW)).toBe(1);
  });
});

describe("the callback list", () => {
  it("calls the next one with one press, under an id of its own", async () => {
    const w = await listed([entry("13912345678")]);
    await w.find(byId("callback-next")).trigger("click");
    await flushPromises();
    expect(asked.map((a) => a.url)).toEqual([expect.stringContaining("/callbacks/next")]);
    expect((asked[0]!.body as { command_id: string }).command_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("says that who waits comes first, and offers nobody meanwhile", async () => {
    const w = await listed([entry("13912345678")], { offered: false, waiting: 2 });
    expect(w.find(byId("callback-first")).text()).toContain("2");
    expect(w.find(byId("callback-next")).attributes("disabled")).toBeDefined();
  });

  it("says of how many these are the first", async () => {
    const all = await listed([entry("13912345678"), entry("13812345678")]);
    expect(all.find(byId("callbacks-count")).text()).toBe("2 人");
    all.unmount();
    const part = await listed([entry("13912345678"), entry("13812345678")], { total: 5000 });
    expect(part.find(byId("callbacks-count")).text()).toBe("共 5000 人，显示前 2 人");
  });

  it("shows kind, attempts, wait and place in words; who shows no number cannot be called", async () => {
    const w = await listed([entry("13912345678", { kind: "call_back", attempts: 3, waited_s: 95, place: 4 }), entry("", { kind: "voicemail", messages: [{ call_id: "c", at: "2026-11-28T11:40:00Z", recording_id: null }] })]);
    const [first, second] = w.findAll(byId("callback-row"));
    expect(first!.attributes("data-kind")).toBe("call_back");
    for (const part of ["3", "95", "4", "11:30"]) expect(first!.text()).toContain(part);
    expect(second!.attributes("data-state")).toBe("cannot");
    expect(second!.find(byId("callback-listened")).exists()).toBe(true);
  });

  it("gives an agent only what is in hand, and a supervisor all of it", async () => {
    const items = [entry("13912345678", { state: "taken", taken_by: "1002" }), entry("13812345678")];
    const agent = await listed(items);
    expect(agent.find(byId("callback-release")).exists() || agent.find(byId("callback-take")).exists()).toBe(false);
    agent.unmount();
    const boss = await listed(items, {}, "supervisor");
    await boss.find(byId("callback-release")).trigger("click");
    await flushPromises();
    await boss.find(byId("callback-take")).trigger("click");
    await flushPromises();
    expect(asked.map((a) => a.url.split("/api/v1")[1])).toEqual(["/callbacks/id-13912345678/release", "/callbacks/id-13812345678/take"]);
  });
});
