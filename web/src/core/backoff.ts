/** Waiting times between attempts: doubling, capped, with jitter so that a thousand desks do not come back at once. */

export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  next(): number;
  /** After a success. */
  reset(): void;
  readonly attempts: number;
}

export function backoff(first_ms = 250, cap_ms = 8000, random: () => number = Math.random): Backoff {
  let attempts = 0;
  return {
    next() {
      const full = Math.min(cap_ms, first_ms * 2 ** attempts);
      attempts += 1;
      return full * (0.75 + random() * 0.5);
    },
    reset() {
      attempts = 0;
    },
    get attempts() {
      return attempts;
    },
  };
}
