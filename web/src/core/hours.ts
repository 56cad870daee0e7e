/** The line's hours as the page shows and sends them: minutes and clock times, and a month in weeks. Pure. */

import type { CalendarDay, LineProfile, ProfileName } from "./types";

export const PROFILES: readonly ProfileName[] = ["day", "night", "weekend", "holiday", "surge"];
/** Whoever is sent away is on the list to call back in any case; "callback" asks, and keeps the place. */
export const OVERFLOWS = ["message", "duty", "queue", "voicemail", "callback"] as const;
export const ON = ["on_full", "on_no_agent", "on_too_long"] as const;
/** How long a surge lasts, in minutes. */
export const SURGES = ["30", "60", "120", "480"] as const;

export const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** Minutes of "08:15"; null for anything that is no quarter of an hour of a day. */
export function minuteOf(text: string): number | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  if (!found) return null;
  const minute = Number(found[1]) * 60 + Number(found[2]);
  return Number(found[1]) < 24 && Number(found[2]) < 60 && minute % 15 === 0 ? minute : null;
}

/** Weeks from Monday to Sunday; null outside the month. */
export function weeksOf(days: readonly CalendarDay[]): (CalendarDay | null)[][] {
  const first = days[0];
  if (!first) return [];
  const before = (new Date(`${first.day}T00:00:00Z`).getUTCDay() + 6) % 7;
  const cells: (CalendarDay | null)[] = [...Array<null>(before).fill(null), ...days];
  while (cells.length % 7) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, n) => cells.slice(n * 7, n * 7 + 7));
}

/** What is sent of a profile: everything but its name and version; "to" only where the kind has one. */
export function asked(profile: LineProfile): Omit<LineProfile, "name" | "version"> {
  const { max_waiting, max_wait_s, opening_text, sound_id, on_full, on_no_agent, on_too_long } = profile;
  const rest = { max_waiting, max_wait_s, opening_text, sound_id, on_full, on_no_agent, on_too_long };
  for (const on of ON) rest[on] = { kind: rest[on].kind, to: rest[on].kind === "duty" || rest[on].kind === "queue" ? rest[on].to.trim() : "" };
  return rest;
}
