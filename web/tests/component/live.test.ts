// @vitest-environment jsdom
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { EVERY_MS } from "@/core/names";
import { clock, useLive } from "@/stores/live";
import { usePeople } from "@/stores/people";
import { http } from "@/stores/session";

const wires: Wire[] = [];
class Wire {
  readyState = 1;
  onmessage: ((e: { data: string }) => void) | null = null;
  constructor() {
    wires.push(this);
  }
  send(): void {}
  close(): void {}
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}
const hello = (seq: number, days: object[]) => ({ type: "hello", seq, server_time: new Date().toISOString(), snapshot: { seq, server_time: new Date().toISOString(), agents: [], calls: [], queues: [], trunks: [], nodes: [], days } });
const dayRow = (seq: number, body: object | null) => ({ type: "row", seq, prev: seq - 1, topic: "day", key: "tax", body });

/** The server pings, so that the line is not taken for dead. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 5000) {
    wires.at(-1)!.say({ type: "ping", server_time: new Date().toISOString(), feed: "ok" });
    await vi.advanceTimersByTimeAsync(Math.min(left, 5000));
  }
}

beforeEach(() => {
  wires.length = 0;
  vi.useFakeTimers();
  setActivePinia(createPinia());
  vi.stubGlobal("WebSocket", Wire);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("knows since when no day was told: not before the first hello, and until one comes", () => {
  const live = useLive();
  live.start();
  wires[0]!.say(dayRow(9, null));
  expect(live.noDaySince).toBeNull();
  wires[0]!.say(hello(1, []));
  const since = live.noDaySince!;
  expect(Math.abs(Date.parse(since) - clock.now())).toBeLessThan(2000);
  vi.advanceTimersByTime(5000);
  wires[0]!.say(hello(2, [])); // a new hello without one is no beginning
  expect(live.noDaySince).toBe(since);
  wires[0]!.say(dayRow(3, { queue: "tax" }));
  expect(live.noDaySince).toBeNull();
  wires[0]!.say(hello(4, [])); // the live table was emptied
  expect(live.noDaySince).not.toBeNull();
  live.stop();
  expect(live.noDaySince).toBeNull();
});

it("an agent who signs in after the floor was opened has a name soon", async () => {
  const there = [{ agent_no: "1001", display_name: "张三" }];
  const read = vi.spyOn(http, "get").mockImplementation(async () => ({ people: [...there], hands: [] }) as never);
  const live = useLive();
  const people = usePeople();
  live.start();
  people.start();
  wires[0]!.say(hello(1, []));
  await pass(2 * EVERY_MS);
  const reads = read.mock.calls.length;
  there.push({ agent_no: "1002", display_name: "李四" });
  wires[0]!.say({ type: "row", seq: 2, prev: 1, topic: "agent", key: "1002", body: { agent_no: "1002" } });
  await pass(EVERY_MS);
  expect(people.all.map((p) => p.display_name)).toEqual(["张三", "李四"]);
  expect(read.mock.calls.length).toBe(reads + 1);
  people.stop();
  live.stop();
});
