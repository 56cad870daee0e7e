// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import AlarmBar from "@/components/AlarmBar.vue";
import AttemptLog from "@/components/AttemptLog.vue";
import type { Account, Alarm } from "@/core/types";
import { useAlarms } from "@/stores/alarms";
import { useSession } from "@/stores/session";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
const alarm = (more: Partial<Alarm> = {}): Alarm => ({
  id: "a1", code: "number.not_allowed", who: "agent1", name: "张三", tried: ["0014155552671"], attempts: 3, first_at: "2026-11-23T01:05:00Z", last_at: "2026-11-23T01:06:00Z", acknowledged_at: null, acknowledged_by: null, ...more,
});
let stored: Alarm[] = [];
const asked: string[] = [];

beforeEach(() => {
  stored = [alarm(), alarm({ id: "a2", code: "line.seat_dialled", who: "8003", name: null, attempts: 1 })];
  asked.length = 0;
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => {
    asked.push(`${init?.method ?? "GET"} ${url}`);
    if (init?.method === "POST") {
      const id = url.split("/").at(-2);
      stored = stored.map((a) => (a.id === id ? { ...a, acknowledged_at: "2026-11-23T01:07:00Z", acknowledged_by: "boss" } : a));
      return Promise.resolve(Response.json(stored.find((a) => a.id === id)));
    }
    return Promise.resolve(Response.json({ items: url.includes("open") ? stored.filter((a) => !a.acknowledged_at) : stored }));
  });
});
afterEach(() => vi.unstubAllGlobals());

async function bar() {
  const w = show(AlarmBar);
  useSession().account = { id: "b", agent_no: "1009", role: "supervisor" } as Account;
  await nextTick();
  await useAlarms().load();
  await flushPromises();
  return w;
}

it("shows each attempt with who, what and how often, until it is acknowledged, and never again", async () => {
  const w = await bar();
  expect(w.findAll(byId("alarm-row")).map((r) => [r.attributes("data-code"), r.attributes("data-who"), r.attributes("data-attempts")])).toEqual([["number.not_allowed", "agent1", "3"], ["line.seat_dialled", "8003", "1"]]);
  expect(w.text()).toContain("张三 试图呼叫不允许的号码");
  expect(w.text()).toContain("0014155552671");
  await w.findAll(byId("alarm-acknowledge"))[0]!.trigger("click");
  await flushPromises();
  expect(asked).toContain("POST /api/v1/alarms/a1/acknowledge");
  expect(w.findAll(byId("alarm-row")).map((r) => r.attributes("data-who"))).toEqual(["8003"]);
  await useAlarms().load();
  await flushPromises();
  expect(w.findAll(byId("alarm-row"))).toHaveLength(1);
});

it("does not come back with an answer that was overtaken", async () => {
  const w = await bar();
  const late: (() => void)[] = [];
  const before = stored;
  vi.stubGlobal("fetch", () => new Promise((answered) => late.push(() => answered(Response.json({ items: before })))));
  const old = useAlarms().load();
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ items: before.slice(1) })));
  await useAlarms().load();
  late.forEach((answer) => answer());
  await old;
  await flushPromises();
  expect(w.findAll(byId("alarm-row")).map((r) => r.attributes("data-who"))).toEqual(["8003"]);
});

it("is asked for by nobody but supervisors", async () => {
  show(AlarmBar);
  useSession().account = { id: "z", agent_no: "1001", role: "agent" } as Account;
  await useAlarms().load();
  expect(asked).toEqual([]);
});

it("says who acknowledged what", async () => {
  const w = show(AttemptLog);
  stored = [alarm({ acknowledged_at: "2026-11-23T01:07:00Z", acknowledged_by: "boss" })];
  // The event that the browser sends by itself, later: one sent by hand beside it would leave that one to the next test.
  const opened = new Promise((done) => w.element.addEventListener("toggle", done, { once: true }));
  (w.element as HTMLDetailsElement).open = true;
  await opened;
  await flushPromises();
  expect(w.get(byId("attempt-row")).attributes("data-seen")).toBe("boss");
});
