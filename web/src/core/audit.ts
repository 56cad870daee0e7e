/** What is looked for in the audit, and how its lines are worded. Pure. */

import type { AuditLine } from "./types";

export interface AuditFilters {
  since: string;
  until: string;
  login: string;
  action: string;
  q: string;
}

export const noAuditFilters = (): AuditFilters => ({ since: "", until: "", login: "", action: "", q: "" });

export const KINDS: Record<string, readonly string[]> = {
  session: ["begun", "ended", "locked"],
  account: ["created", "changed", "locked", "unlocked", "password_reset", "password_set", "password_changed"],
  recording: ["exported"],
  shelf: ["put", "removed"],
  score: ["given", "appealed", "appeal_answered"],
  score_form: ["added"],
  number_flag: ["set", "appealed", "lifted"],
  supervise: ["order", "message"],
  hand: ["answered", "lowered"],
  alarm: ["acknowledged", "number.not_allowed", "number.invalid", "number.daily_cap"],
  hours: ["plan", "profile", "override", "override_ended"],
  calendar: ["set", "cleared"],
  incident: ["started", "ended", "numbers_exported", "telling_asked", "telling_stopped"],
  line_sound: ["kept"],
  prompt: ["replaced", "chosen"],
  policy: ["changed"],
  tuning: ["queue", "number", "skills", "seat_plan"],
  extension: ["created", "changed", "retired", "secret"],
  trunk: ["set", "removed", "undone", "test"],
  class: ["set", "removed"],
};

/** Only what is filled in. */
export const askedOf = (filters: AuditFilters): Record<string, string> =>
  Object.fromEntries(Object.entries(filters).map(([name, text]) => [name, text.trim()]).filter(([, text]) => text));

/** A locale's key has no dots. */
export const actionKey = (action: string): string => action.replaceAll(".", "_");

/** Name and value of each detail; a change is told as before and after. */
export function detailsOf(line: AuditLine): [name: string, text: string][] {
  const said = (value: unknown): string => (Array.isArray(value) ? value.map(said).join(", ") : typeof value === "object" && value ? JSON.stringify(value) : String(value ?? ""));
  return Object.entries(line.detail)
    .map(([name, value]): [string, string] => [
      name, line.action === "account.changed" && Array.isArray(value) && value.length === 2 ? `${said(value[0]) || "—"} → ${said(value[1]) || "—"}` : said(value),
    ])
    .filter(([, text]) => text);
}
