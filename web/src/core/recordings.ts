/** What a search of recordings asks for, what a form scores, and how a score is worded. Pure. */

import type { ScoreQuestion } from "./types";

export interface Filters {
  number: string;
  agent: string;
  queue: string;
  since: string;
  until: string;
  shortest_s: string;
  longest_s: string;
  hung_up_by: string;
  satisfaction: string;
  direction: string;
  state: string;
  case_number: string;
  category: string;
  q: string;
  score: string;
  danger: boolean;
  undeletable: boolean;
}

export const noFilters = (): Filters => ({
  number: "", agent: "", queue: "", since: "", until: "", shortest_s: "", longest_s: "", hung_up_by: "", satisfaction: "", direction: "",
  state: "", case_number: "", category: "", q: "", score: "", danger: false, undeletable: false,
});

export const CHOICES = {
  hung_up_by: ["citizen", "agent", "outside", "switch"],
  satisfaction: ["1", "2", "3"],
  direction: ["inbound", "outbound"],
  state: ["complete", "short", "missing"],
  score: ["unscored", "scored", "appealed"],
} as const;

/** Only what is filled in. A case number is written with its dash, however it was typed. */
export function asked(filters: Filters): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(filters)) {
    // A number field gives a number.
    const text = typeof value === "boolean" ? (value ? "1" : "") : String(value).trim();
    if (text) found[name] = name === "case_number" ? caseNumber(text) : text;
  }
  return found;
}

/** "20261123 1" and "2026112300001" are 20261123-000001; what is neither stays. */
export function caseNumber(text: string): string {
  const parts = /^(\d{8})[\s-]?(\d{1,6})$/.exec(text.trim());
  return parts ? `${parts[1]}-${parts[2]!.padStart(6, "0")}` : text.trim();
}

export type Answers = Record<string, number | null | undefined>;

/** The first question without points, or null: then it may be given. "Did not apply" (null) is an answer. */
export const firstGap = (questions: readonly ScoreQuestion[], answers: Answers): string | null =>
  questions.find((q) => answers[q.key] === undefined)?.key ?? null;

/** What the total would be, as the server counts it; null while nothing applies. */
export function totalOf(questions: readonly ScoreQuestion[], answers: Answers): number | null {
  const given = questions.filter((q) => typeof answers[q.key] === "number");
  const weight = given.reduce((sum, q) => sum + q.weight, 0);
  if (!weight) return null;
  return Math.round((1000 * given.reduce((sum, q) => sum + (q.weight * answers[q.key]!) / q.most, 0)) / weight) / 10;
}

/** A digit, or "-" for "did not apply", answers the question; null for other keys. */
export function pointsOfKey(key: string, most: number): number | null | undefined {
  if (key === "-") return null;
  const points = /^\d$/.test(key) ? Number(key) : NaN;
  return points <= most ? points : undefined;
}
