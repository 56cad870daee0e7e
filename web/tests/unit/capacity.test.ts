import { describe, expect, it } from "vitest";
import { askOf, barsOf, busyRange, percent, secondsOf, signed, stepsOf, sumsOf, topOf } from "@/core/capacity";
import { halfHour } from "../capacityHouse";

const slots = [
  halfHour(0, { talk_s: 1800, idle_s: 900, pause_s: { meal: 600, phone: 300 }, offered: 2, lines_most: 3 }),
  halfHour(1, { elapsed_s: 900, talk_s: 900, offered: 5 }),
  halfHour(2, { elapsed_s: 0 }),
];

describe("a day's bars", () => {
  const bars = barsOf(slots, 300, 100, 4);
  it("stack to the people on duty, of the time that has passed", () => {
    const tall = (n: number) => bars.filter((b) => b.x >= n * 100 && b.x < (n + 1) * 100).reduce((sum, b) => sum + b.height, 0);
    expect(tall(0)).toBeCloseTo((3600 / 1800 / 4) * 100);
    expect(tall(1)).toBeCloseTo((1 / 4) * 100);
    expect(tall(2)).toBe(0);
  });
  it("stand on each other from the floor", () => {
    const first = bars.filter((b) => b.x < 100);
    expect(first.map((b) => b.part)).toEqual(["talk", "pause", "idle"]);
    expect(first[0]!.y + first[0]!.height).toBe(100);
    expect(first[1]!.y + first[1]!.height).toBeCloseTo(first[0]!.y);
  });
  it("fit under the top: people, lines and seats", () => {
    expect(topOf(slots, 2)).toBe(3);
    expect(topOf(slots, 12)).toBe(12);
    expect(topOf([], 0)).toBe(1);
  });
  it("have lines in steps", () => expect(stepsOf([0, 2], 100, 100, 2)).toBe("M0.0 100.0 H50.0 L50.0 0.0 H100.0"));
});

describe("a day's numbers", () => {
  it("add up", () => {
    expect(secondsOf(slots[0]!, "pause")).toBe(900);
    expect(sumsOf(slots)).toMatchObject({ talk: 2700, idle: 900, pause: 900, offered: 7, pauses: { meal: 600, phone: 300 } });
  });
  it("are written plainly", () => {
    expect([percent(0.9523), percent(null), signed(3), signed(-2), signed(0)]).toEqual(["95.2 %", "—", "+3", "−2", "0"]);
  });
  it("begin the question at the busiest half hour", () => {
    expect(busyRange(slots)).toEqual([1, 3]);
    expect(busyRange([])).toEqual([0, 0]);
  });
});

describe("the question", () => {
  const q = { begin: 0, end: 2, more: 3, handling_s: "", patience_s: "90", redial_percent: "25" };
  it("leaves to the site what is not filled in", () => {
    expect(askOf("2026-11-23", slots, q)).toEqual({
      day: "2026-11-23", changes: [{ begin: slots[0]!.begin, end: slots[1]!.end, more: 3 }], handling_s: null, patience_s: 90, redial_share: 0.25,
    });
  });
  it("changes nothing where the slider stands at nought", () => expect(askOf("2026-11-23", slots, { ...q, more: 0 }).changes).toEqual([]));
});
