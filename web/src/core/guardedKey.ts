/**
 * A key for an emergency: one finger is enough, and a brush is not. Two ways, because a frightened hand does either:
 *
 *   idle ─down▶ holding ─0.8 s▶ FIRED ─up▶ idle
 *                  └─up▶ armed ─down within 3 s▶ FIRED          armed ─3 s▶ idle      blur: idle
 *
 * Pure: times come in, nothing here waits.
 */

export const HOLD_MS = 800;
export const ARMED_MS = 3000;
/** A worn key bounces: two strikes closer than this are one. */
export const BOUNCE_MS = 60;

export type Guard =
  | { phase: "idle" | "spent" }
  | { phase: "holding"; since: number }
  | { phase: "armed"; since: number };

export type GuardFact = "down" | "up" | "tick" | "blur";

export const guardIdle: Guard = { phase: "idle" };

/** [next, whether it fires now]. Repeats of a held key may come in as further "down": they change nothing. */
export function guardStep(guard: Guard, fact: GuardFact, at: number): [Guard, boolean] {
  if (fact === "blur") return [guard.phase === "spent" ? guard : guardIdle, false];
  switch (guard.phase) {
    case "idle":
      return [fact === "down" ? { phase: "holding", since: at } : guard, false];
    case "holding":
      if (at - guard.since >= HOLD_MS) return [fact === "up" ? guardIdle : { phase: "spent" }, true];
      return [fact === "up" ? { phase: "armed", since: at } : guard, false];
    case "armed":
      if (at - guard.since > ARMED_MS) return [fact === "down" ? { phase: "holding", since: at } : guardIdle, false];
      return fact === "down" && at - guard.since >= BOUNCE_MS ? [{ phase: "spent" }, true] : [guard, false];
    case "spent":
      return [fact === "up" ? guardIdle : guard, false];
  }
}

/** 0 … 1: how much of the hold has passed, for the bar under the key. */
export const heldShare = (guard: Guard, at: number): number =>
  guard.phase === "holding" ? Math.min(1, (at - guard.since) / HOLD_MS) : guard.phase === "spent" ? 1 : 0;
