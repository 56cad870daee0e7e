/** The server's rules of drafts and a page of the desk over them, for the tests of drafts. */
import { vi } from "vitest";
import { backoff } from "@/core/backoff";
import { type DraftApi, Drafts, PAUSE_MS, type SavedState } from "@/core/drafts";
import { browserStorage, type DraftRecord } from "@/core/draftStorage";
import { ApiProblem, Unreachable } from "@/core/problem";
import type { Case, Draft } from "@/core/types";

export const T = "2026-11-23T01:00:00Z";

/** The server's rules of drafts, as the API keeps them. */
export class House implements DraftApi {
  drafts = new Map<string, Draft>();
  cases: { id: string; title: string; disposition: string }[] = [];
  /** draft → the colleague's draft it says it goes on with */
  continued = new Map<string, string>();
  up = true;
  answer: ApiProblem | null = null;
  puts = 0;

  private door(): void {
    if (!this.up) throw new Unreachable("down");
    if (this.answer) throw this.answer;
  }
  async list() {
    this.door();
    return [...this.drafts.values()];
  }
  async get(id: string) {
    this.door();
    return this.drafts.get(id)!;
  }
  async put(id: string, b: { call_id: string | null; rev: number; body: Draft["body"]; continues?: string | null }) {
    this.puts += 1;
    this.door();
    const had = this.drafts.get(id);
    if (had && had.rev > b.rev) throw new ApiProblem(409, "draft.stale", "", [], { stored: had });
    const now = { id, call_id: b.call_id, rev: b.rev, body: b.body, updated_at: T };
    if (b.continues) this.continued.set(id, b.continues);
    this.drafts.set(id, now);
    return now;
  }
  async remove(id: string) {
    this.door();
    this.drafts.delete(id);
  }
  async submit(r: DraftRecord, form: DraftRecord["body"], disposition: string) {
    this.door();
    this.cases.push({ id: r.id, title: form.title, disposition });
    this.drafts.delete(r.id);
    return { id: r.id, number: "20261123-000001" } as Case;
  }
}

let ids = 0;

/** A page of the desk: a reload is a new one over the same house and the same browser. */
export function page(house: House, account = "agent1") {
  const states = new Map<string, SavedState>();
  const log = { submitted: [] as string[], refused: [] as string[] };
  const drafts = new Drafts(
    house, browserStorage(account),
    {
      changed: (r, s) => states.set(r.id, s),
      removed: (id) => states.delete(id),
      submitted: (r) => log.submitted.push(r.id),
      refused: (_, p) => log.refused.push(p.code),
    },
    backoff(1000, 1000, () => 0.5), () => `draft-${++ids}`,
  );
  return { drafts, states, log };
}
export const settle = (ms = PAUSE_MS) => vi.advanceTimersByTimeAsync(ms);
export const kept = () => browserStorage("agent1").all();
