import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { EVERY_MS, Names, SPREAD_MS } from "@/core/names";
import type { Person } from "@/core/types";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const person = (agent_no: string): Person => ({ agent_no, display_name: `n${agent_no}`, seat: null });

/** A house that knows these agents; `down`: its answer is an error. */
function house(...known: string[]) {
  const there = { known, down: false, reads: 0 };
  const told: string[][] = [];
  const errors: unknown[] = [];
  const names = new Names({
    read: () => (there.reads++, there.down ? Promise.reject(new Error("503")) : Promise.resolve(there.known.map(person))),
    told: (people) => told.push(people.map((p) => p.agent_no)),
    failed: (error) => errors.push(error),
  }, () => 0.5);
  return { there, told, errors, names };
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

it("are read at once, and again after a hello, each screen at a moment of its own", async () => {
  const { there, told, names } = house("1001");
  names.start();
  await pass(0);
  expect(told).toEqual([["1001"]]);
  await pass(EVERY_MS);
  there.known = ["1001", "1002"];
  names.hello();
  await pass(SPREAD_MS / 2 - 1);
  expect(there.reads).toBe(1);
  await pass(1);
  expect(told.at(-1)).toEqual(["1001", "1002"]);
});

it("are read again for a number that has none, once, and never more often than every half minute", async () => {
  const { there, told, names } = house("1001");
  names.start();
  await pass(0);
  names.hello(); // of the same moment: the first answer is as new
  for (let n = 0; n < 50; n++) names.seen(["1001", `2${n}`]);
  there.known = ["1001", "249"];
  await pass(EVERY_MS - 1);
  expect(there.reads).toBe(1);
  await pass(1);
  expect([there.reads, told.at(-1)]).toEqual([2, ["1001", "249"]]);
  names.seen(["1001", "249", "20"]); // asked for already: the house has no name for it
  await pass(10 * EVERY_MS);
  expect(there.reads).toBe(2);
  names.hello();
  await pass(EVERY_MS);
  expect(there.reads).toBe(3);
  names.seen(["20"]);
  await pass(EVERY_MS);
  expect(there.reads).toBe(4);
});

it("are asked for until there is an answer, with growing patience, and the error is said once", async () => {
  const { there, told, errors, names } = house("1001");
  there.down = true;
  names.start();
  names.seen(["1001"]);
  await pass(600_000);
  expect(errors).toHaveLength(1);
  expect(there.reads).toBeGreaterThan(5);
  expect(there.reads).toBeLessThan(20);
  there.down = false;
  await pass(60_000);
  expect(told).toEqual([["1001"]]);
  const reads = there.reads;
  await pass(600_000);
  expect(there.reads).toBe(reads);
});

it("of whoever came while the answer was on its way are not forgotten", async () => {
  const { there, told, names } = house("1001");
  names.start();
  names.seen(["1001", "1002"]);
  await pass(0);
  there.known = ["1001", "1002"];
  await pass(EVERY_MS);
  expect(told).toEqual([["1001"], ["1001", "1002"]]);
});

it("are not read while nobody looks at the floor", async () => {
  const { there, names } = house("1001");
  there.down = true;
  names.start();
  await pass(0);
  names.stop();
  names.hello();
  names.seen(["1002"]);
  await pass(600_000);
  expect(there.reads).toBe(1);
});
