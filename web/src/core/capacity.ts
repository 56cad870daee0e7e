/** A day's capacity as it is drawn and told. Pure: from the server's half hours to bars, sums and words' numbers. */

import type { CapacitySlot, WhatIf } from "./types";

/** What people on duty did, from the bottom of a bar to its top. */
export const PARTS = ["talk", "hold", "wrap_up", "callbacks", "pause", "idle"] as const;
export type Part = (typeof PARTS)[number];

export const secondsOf = (slot: CapacitySlot, part: Part): number =>
  part === "pause" ? Object.values(slot.pause_s).reduce((a, b) => a + b, 0) : slot[`${part}_s`];

export interface Bar { x: number; y: number; width: number; height: number; part: Part }

/** The bars of people at a height where `most` people are the full one. A half hour that has not begun has none. */
export function barsOf(slots: readonly CapacitySlot[], width: number, height: number, most: number): Bar[] {
  const step = width / Math.max(slots.length, 1);
  return slots.flatMap((slot, n) => {
    let top = height;
    return PARTS.flatMap((part) => {
      const people = slot.elapsed_s > 0 ? secondsOf(slot, part) / slot.elapsed_s : 0;
      const tall = (people / most) * height;
      top -= tall;
      return tall > 0 ? [{ x: n * step + step * 0.1, y: top, width: step * 0.8, height: tall, part }] : [];
    });
  });
}

/** A line in steps, one step each half hour, as an SVG path. */
export function stepsOf(values: readonly number[], width: number, height: number, most: number): string {
  const step = width / Math.max(values.length, 1);
  return values.map((v, n) => {
    const y = (height - (v / most) * height).toFixed(1);
    return `${n === 0 ? "M" : "L"}${(n * step).toFixed(1)} ${y} H${((n + 1) * step).toFixed(1)}`;
  }).join(" ");
}

/** The top of the scale: enough for people, lines and the seats that are set up. */
export const topOf = (slots: readonly CapacitySlot[], seats: number): number =>
  Math.max(1, seats, ...slots.map((s) => Math.max(s.lines_most, s.on_duty_most, Math.ceil(s.on_duty))));

const COUNTS = ["offered", "answered", "in_time", "abandoned", "signed_in_s"] as const;
export type Sums = Record<(typeof COUNTS)[number] | Part, number> & { pauses: Record<string, number> };

export function sumsOf(slots: readonly CapacitySlot[]): Sums {
  const sums = { pauses: {} } as Sums;
  for (const count of COUNTS) sums[count] = slots.reduce((n, s) => n + s[count], 0);
  for (const part of PARTS) sums[part] = slots.reduce((n, s) => n + secondsOf(s, part), 0);
  for (const slot of slots) for (const [reason, s] of Object.entries(slot.pause_s)) sums.pauses[reason] = (sums.pauses[reason] ?? 0) + s;
  return sums;
}

export const minutes = (seconds: number): string => String(Math.round(seconds / 60));
export const percent = (share: number | null | undefined): string => (share === null || share === undefined ? "—" : `${(share * 100).toFixed(1)} %`);
export const signed = (n: number): string => (n > 0 ? `+${n}` : n < 0 ? `−${-n}` : "0");

/** What stands in the fields of the question; an empty field is the site's own. */
export interface Question { begin: number; end: number; more: number; handling_s: string; patience_s: string; redial_percent: string }

/** A number's field gives a number, an empty one "". */
const number = (typed: string | number): number | null => (String(typed).trim() === "" || Number.isNaN(Number(typed)) ? null : Number(typed));

export function askOf(day: string, slots: readonly CapacitySlot[], q: Question): WhatIf {
  const first = slots[q.begin];
  const last = slots[q.end - 1];
  const redial = number(q.redial_percent);
  return {
    day,
    changes: q.more && first && last && q.end > q.begin ? [{ begin: first.begin, end: last.end, more: q.more }] : [],
    handling_s: number(q.handling_s),
    patience_s: number(q.patience_s),
    redial_share: redial === null ? null : redial / 100,
  };
}

/** Two hours from the busiest half hour on; the morning where nobody called. */
export function busyRange(slots: readonly CapacitySlot[]): [number, number] {
  const most = Math.max(0, ...slots.map((s) => s.offered));
  const n = slots.findIndex((s) => s.offered === most && most > 0);
  const begin = n < 0 ? Math.max(0, Math.min(18, slots.length - 1)) : n;
  return [begin, Math.min(begin + 4, slots.length)];
}
