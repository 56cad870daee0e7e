/** Whom a call can be moved to: reading what was typed, the order of what was found, what is sent. Pure. */

import type { TargetHit } from "./types";

export interface TargetArg {
  kind: "agency" | "seat" | "queue" | "number" | "police";
  value: string;
}

/** Digits as typed by people: 0519-1234 567, +86 139…; null when it is a name. The server decides whether it may be dialled. */
export function asNumber(text: string): string | null {
  const compact = text.trim().replace(/[\s()（）-]/g, "").replace(/^(\+86|0086)(?=\d{5,})/, "");
  return /^(?!00)\d{3,12}$/.test(compact) ? compact : null;
}

/** A row of the list. `number` hits are typed by hand: nobody vouches for them. */
export interface TargetRow {
  key: string;
  name: string;
  label: string;
  /** As it is dialled; null: the server knows (an agency without a number now). */
  number: string | null;
  initials: string;
  target: TargetArg;
  onDuty: boolean;
  /** Can be asked now: a seat must be free, an agency needs a number. */
  free: boolean;
  state: string | null;
  refusals: number;
  /** Of an agency's number: whose it is. */
  agencyId: string | null;
}

export function rowOf(hit: TargetHit): TargetRow {
  const kind = hit.kind;
  return {
    key: `${kind}:${hit.id}`,
    name: hit.name,
    label: hit.label ?? "",
    number: hit.number ?? (kind === "seat" ? hit.id : null),
    initials: hit.initials,
    target: { kind, value: hit.id },
    onDuty: hit.on_duty,
    free: kind === "seat" ? hit.state === "ready" : kind === "queue" || !!hit.number,
    state: hit.state ?? null,
    refusals: hit.refusals_30d ?? 0,
    agencyId: hit.agency_id ?? null,
  };
}

/** A number nobody vouches for. */
export const typed = (number: string): TargetRow => ({
  key: `number:${number}`, name: "", label: "", number, initials: "", target: { kind: "number", value: number },
  onDuty: true, free: true, state: null, refusals: 0, agencyId: null,
});

/** 110, as the site has it: the server knows the number. */
export const POLICE: TargetRow = { ...typed(""), key: "police", number: null, target: { kind: "police", value: "" } };

/** The server's order (duty number first) is kept; a number typed in full is offered last unless somebody in the book has it. */
export function rowsOf(hits: TargetHit[], text: string): TargetRow[] {
  const rows = hits.map(rowOf);
  const number = asNumber(text);
  if (!number || number.length < 3 || rows.some((r) => r.number === number)) return rows;
  return [...rows, typed(number)];
}

/** Ask first, hand over now, or into the conference. A queue answers nobody: it can only be handed to. */
export type TargetWay = "consult" | "transfer" | "add";
export const waysTo = (row: TargetRow): TargetWay[] => (row.target.kind === "queue" ? ["transfer"] : ["consult", "transfer", "add"]);
