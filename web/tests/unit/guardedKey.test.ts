import { describe, expect, it } from "vitest";
import { ARMED_MS, BOUNCE_MS, type Guard, type GuardFact, guardIdle, guardStep, heldShare, HOLD_MS } from "@/core/guardedKey";

/** Plays facts at times; tells at which it fired. */
function play(...facts: [GuardFact, number][]): { fired: number[]; end: Guard } {
  let guard = guardIdle;
  const fired: number[] = [];
  for (const [fact, at] of facts) {
    const [next, fires] = guardStep(guard, fact, at);
    guard = next;
    if (fires) fired.push(at);
  }
  return { fired, end: guard };
}

describe("the danger key", () => {
  it("fires when it is held", () => expect(play(["down", 0], ["tick", 400], ["tick", HOLD_MS]).fired).toEqual([HOLD_MS]));
  it("fires at the second strike", () => expect(play(["down", 0], ["up", 80], ["down", 600], ["up", 700]).fired).toEqual([600]));
  it("does nothing at a brush", () => expect(play(["down", 0], ["up", 100], ["tick", 500], ["tick", 5000]).fired).toEqual([]));
  it("forgets the first strike after a while", () => {
    const { fired, end } = play(["down", 0], ["up", 100], ["down", 100 + ARMED_MS + 1], ["up", 100 + ARMED_MS + 90]);
    expect(fired).toEqual([]);
    expect(end.phase).toBe("armed");
  });
  it("takes a bouncing contact for one strike", () => expect(play(["down", 0], ["up", 30], ["down", 30 + BOUNCE_MS - 1]).fired).toEqual([]));
  it("fires once however long it is held, and again only after it was let go", () => {
    const held = play(["down", 0], ["tick", 900], ["tick", 1800], ["down", 2000], ["tick", 3000], ["up", 3100]);
    expect(held.fired).toEqual([900]);
    expect(held.end).toEqual(guardIdle);
  });
  it("counts a hold even if no tick came in between", () => expect(play(["down", 0], ["up", HOLD_MS + 5]).fired).toEqual([HOLD_MS + 5]));
  it("is given up when the window loses the focus", () => expect(play(["down", 0], ["blur", 300], ["up", 900], ["tick", 950]).fired).toEqual([]));
  it("repeats of a held key are no second strike", () => expect(play(["down", 0], ["down", 300], ["down", 350], ["up", 400]).fired).toEqual([]));
  it("fills its bar while it is held", () => {
    expect(heldShare({ phase: "holding", since: 100 }, 100 + HOLD_MS / 2)).toBeCloseTo(0.5);
    expect(heldShare({ phase: "holding", since: 0 }, 99_999)).toBe(1);
    expect(heldShare({ phase: "armed", since: 0 }, 10)).toBe(0);
  });
});
