/** What the desk shows of somebody whom nobody reached. Pure. */

import type { Callback } from "./types";

export type Mark = "taken" | "yours" | "later" | "cannot" | "open";

/** Why an entry is, or is not, to be called now; the word for it is the locale's. */
export function markOf(entry: Callback, me: string, now: number): Mark {
  if (entry.state === "taken") return entry.taken_by === me ? "yours" : "taken";
  if (!entry.callable) return "cannot";
  return entry.next_at && Date.parse(entry.next_at) > now ? "later" : "open";
}

/** In whole minutes, as a person counts them. */
export const minutesSince = (iso: string, now: number): number => Math.max(0, Math.floor((now - Date.parse(iso)) / 60_000));
