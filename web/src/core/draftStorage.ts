/** Where typed text waits until the server has it: this browser's localStorage, written at once, one entry per draft. */

import { fillForm } from "./form";
import type { CaseBrief, CaseForm, Disposition, Draft } from "./types";

export interface DraftRecord {
  id: string;
  callId: string | null;
  body: CaseForm;
  /** Counter of changes here; the server has `savedRev` of them. */
  rev: number;
  savedRev: number;
  savedAt: string | null;
  changedAt: number;
  followUpOf: Pick<CaseBrief, "id" | "number" | "title"> | null;
  /** A colleague's draft whose text this one started with, when the call became ours. */
  continues?: string | null;
  /** Asked for and not yet done: sent again until the server answers. */
  submit: Disposition | null;
  conflict: Draft | null;
}

export interface DraftStorage {
  all(): DraftRecord[];
  /** False when the browser cannot keep it (full, or private mode). */
  put(record: DraftRecord): boolean;
  remove(id: string): void;
}

export function browserStorage(account: string, store: Storage = localStorage): DraftStorage {
  const prefix = `lianxin.draft.${account}.`;
  return {
    all() {
      const names = Array.from({ length: store.length }, (_, i) => store.key(i) ?? "");
      return names.filter((n) => n.startsWith(prefix)).flatMap((n) => parse(store.getItem(n)));
    },
    put(record) {
      try {
        store.setItem(prefix + record.id, JSON.stringify(record));
        return true;
      } catch {
        return false;
      }
    },
    remove(id) {
      store.removeItem(prefix + id);
    },
  };
}

function parse(text: string | null): DraftRecord[] {
  try {
    const r = JSON.parse(text ?? "") as DraftRecord;
    return typeof r.id === "string" ? [{ ...r, body: fillForm(r.body) }] : [];
  } catch {
    return []; // an entry half-written by a crash: the one before it was replaced, the server's copy remains
  }
}

const SUBMITTED_KEY = "lianxin.submitted";
const SUBMITTED_KEPT = 50;

/** Calls whose case went off from this browser: a reload or another tab must not open a second form for them. */
export const submittedCalls = {
  all(store: Storage = localStorage): string[] {
    try {
      const found: unknown = JSON.parse(store.getItem(SUBMITTED_KEY) ?? "[]");
      return Array.isArray(found) ? found.filter((id): id is string => typeof id === "string") : [];
    } catch {
      return [];
    }
  },
  add(callId: string, store: Storage = localStorage): void {
    try {
      store.setItem(SUBMITTED_KEY, JSON.stringify([...this.all(store), callId].slice(-SUBMITTED_KEPT)));
    } catch {
      // a full browser: after a reload the form of this call would open once more, empty
    }
  },
};
