/** A small day as the server tells it. */
import type { Capacity, CapacitySlot, WhatIfAnswer } from "@/core/types";

const at = (n: number): string => new Date(Date.UTC(2026, 10, 23, 1) + n * 1_800_000).toISOString();

export const halfHour = (n: number, more: Partial<CapacitySlot> = {}): CapacitySlot => ({
  begin: at(n), end: at(n + 1), elapsed_s: 1800, lines_most: 0, on_duty: 0, on_duty_most: 0, planned: null, at_the_queue: 0, signed_in_s: 0,
  talk_s: 0, hold_s: 0, callbacks_s: 0, wrap_up_s: 0, idle_s: 0, pause_s: {}, offered: 0, answered: 0, in_time: 0, abandoned: 0, short: 0,
  refused: 0, lost: 0, ...more,
});

export const day = (): Capacity => ({
  day: "2026-11-23", until: at(3), lines: 30, seats: 4, seats_planned: null, handling_s: 240,
  patience: { mean_s: 70, low_s: 50, high_s: 95, gave_up: 40, waited: 500 },
  redials: { share: 0.5, mean_after_s: 180, again: 10, unanswered: 20 }, history_days: 28,
  slots: [
    halfHour(0, { planned: 4, offered: 20, answered: 15, in_time: 9, abandoned: 5, lines_most: 6, on_duty: 2, on_duty_most: 2, at_the_queue: 1.5, signed_in_s: 3600, talk_s: 2400, idle_s: 300, pause_s: { meal: 900 } }),
    halfHour(1, { offered: 4, answered: 4, in_time: 4, on_duty: 2, on_duty_most: 2, at_the_queue: 2, signed_in_s: 3600, talk_s: 900, idle_s: 2700 }),
    halfHour(2, { elapsed_s: 0 }),
  ],
});

export const answer = (more: Partial<WhatIfAnswer> = {}): WhatIfAnswer => ({
  goal: 0.95, handling_s: 240, patience_s: 70, redial_share: 0.5, redial_after_s: 180, offered: 24, within_before: 0.54, abandons_before: 0.2,
  within_low: 0.31, within_high: 0.62, abandons: 0.24,
  played: { runs: 40, offered: 28, redials: 4.2, within: { mean: 0.5, low: 0.4, high: 0.6 }, abandons: { mean: 0.25, low: 0.2, high: 0.3 } },
  advice: [{ begin: at(0), end: at(1), more: 3, hopeful: 2 }], slots: [], ...more,
});
