import { describe, expect, it } from "vitest";
import { ServerClock } from "@/core/clock";

const iso = (ms: number) => new Date(ms).toISOString();

describe("the server's clock", () => {
  it("is the local one before the first message", () => {
    expect(new ServerClock(() => 5000).now()).toBe(5000);
  });

  it("takes the message with the least delay as the truth", () => {
    let local = 1_000_000;
    const clock = new ServerClock(() => local);
    clock.heard(iso(1_060_000 - 900)); // 60 s ahead, 900 ms on the way
    local += 5000;
    clock.heard(iso(1_065_000 - 20));
    local += 5000;
    clock.heard(iso(1_070_000 - 400));
    expect(clock.now() - 1_070_000).toBe(-20);
  });

  it("follows when the machine slept and its steady time stood still", () => {
    let local = 0;
    const clock = new ServerClock(() => local);
    for (let i = 0; i < 12; i++) clock.heard(iso(1_000_000 + (local += 5000)));
    for (let i = 0; i < 12; i++) clock.heard(iso(4_600_000 + (local += 5000)));
    expect(clock.now()).toBe(4_600_000 + local);
  });

  it("counts since and until, never below zero, and ignores nonsense", () => {
    const clock = new ServerClock(() => 100_000);
    clock.heard("not a time");
    expect(clock.since_s(iso(70_000))).toBe(30);
    expect(clock.since_s(iso(170_000))).toBe(0);
    expect(clock.until_s(iso(220_000))).toBe(120);
    expect(clock.until_s(null)).toBe(0);
  });
});
