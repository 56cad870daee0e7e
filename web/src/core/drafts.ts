/**
 * What agents type, from the key press to the server. Each change is in this browser before anything else happens;
 * a pause in typing sends it; without an answer it is sent again until there is one. Nothing typed is thrown away by
 * this class except by submit or discard.
 *
 *   edited ─pause▶ saving ─200▶ saved          saving ─no answer▶ kept here, tried again
 *                    └─409 draft.stale▶ conflict (both versions kept until the agent chooses)
 */

import { type Backoff, backoff } from "./backoff";
import type { DraftRecord, DraftStorage } from "./draftStorage";
import { emptyForm, fillForm, isBlank, ready, sameForm } from "./form";
import { ApiProblem, isTransient } from "./problem";
import type { Case, CaseForm, Disposition, Draft } from "./types";

export const PAUSE_MS = 400;

export interface DraftApi {
  list(): Promise<Draft[]>;
  get(id: string): Promise<Draft>;
  put(id: string, body: { call_id: string | null; rev: number; body: Partial<CaseForm>; continues?: string | null }): Promise<Draft>;
  remove(id: string): Promise<void>;
  submit(r: DraftRecord, form: CaseForm, disposition: Disposition): Promise<Case>;
}

/** blank: nothing typed · memory: not even this browser could keep it */
export type SavedState = "blank" | "saving" | "saved" | "browser" | "memory" | "conflict" | "submitting" | "queued";

export interface DraftEvents {
  changed(record: DraftRecord, state: SavedState): void;
  removed(id: string): void;
  submitted(record: DraftRecord, made: Case): void;
  /** The server said no for good; the text stays. */
  refused(record: DraftRecord, problem: ApiProblem): void;
}

export class Drafts {
  private readonly records = new Map<string, DraftRecord>();
  private readonly states = new Map<string, SavedState>();
  private readonly busy = new Set<string>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private closed = false;

  constructor(
    private readonly api: DraftApi,
    private readonly storage: DraftStorage,
    private readonly events: DraftEvents,
    private readonly wait: Backoff = backoff(1000, 10_000),
    private readonly newId: () => string = () => crypto.randomUUID(),
  ) {
    for (const r of storage.all()) this.records.set(r.id, r);
  }

  /** Announces what this browser kept, sends what the server lacks, then joins the server's own list. */
  async load(): Promise<void> {
    for (const r of this.records.values()) this.tell(r, unsent(r) ? "browser" : r.savedRev ? "saved" : "blank");
    const fromServer = await this.api.list();
    for (const d of fromServer) this.join(d);
    const there = new Set(fromServer.map((d) => d.id));
    for (const r of [...this.records.values()]) {
      if (r.savedRev > 0 && !unsent(r) && !there.has(r.id)) this.forget(r.id); // submitted or discarded elsewhere
      else if (unsent(r)) this.schedule(r.id, 0);
    }
  }

  get(id: string): DraftRecord | undefined {
    return this.records.get(id);
  }

  all(): DraftRecord[] {
    return [...this.records.values()];
  }

  stateOf(id: string): SavedState {
    return this.states.get(id) ?? "blank";
  }

  /** The draft of a call, made at its first mention; a reload finds the same one. */
  forCall(callId: string, caller: string): DraftRecord {
    const known = this.all().find((r) => r.callId === callId);
    if (known) return known;
    const otherTab = this.storage.all().find((r) => r.callId === callId);
    if (!otherTab) return this.create(callId, caller);
    this.keep(otherTab, unsent(otherTab) ? "browser" : "saved");
    return otherTab;
  }

  create(callId: string | null, caller = ""): DraftRecord {
    const record: DraftRecord = {
      id: this.newId(), callId, body: emptyForm(caller), rev: 0, savedRev: 0, savedAt: null, changedAt: Date.now(),
      followUpOf: null, submit: null, conflict: null,
    };
    this.keep(record, "blank");
    return record;
  }

  edit(id: string, change: Partial<CaseForm>): void {
    const r = this.records.get(id);
    if (!r || r.submit) return;
    this.keep({ ...r, body: { ...r.body, ...change }, rev: r.rev + 1, changedAt: Date.now() }, "saving");
    if (!r.conflict) this.schedule(id, PAUSE_MS);
  }

  /** A draft begun while the feed was silent learns its call. */
  link(id: string, callId: string): void {
    const r = this.records.get(id);
    if (!r || r.callId) return;
    this.keep({ ...r, callId, rev: r.rev + 1 }, "saving");
    this.schedule(id, PAUSE_MS);
  }

  /** Sends the draft though nothing was typed yet: an answered call leaves a trace among my drafts. */
  touch(id: string): void {
    const r = this.records.get(id);
    if (r && r.rev === 0) this.edit(id, {});
  }

  /** The call has become ours: what its agent typed so far goes on here. A form with words of our own stays as it is. */
  continueFrom(id: string, theirs: Draft): boolean {
    const r = this.records.get(id);
    if (!r || r.submit || r.continues || !isBlank(r.body) || isBlank(fillForm(theirs.body))) return false;
    this.keep({ ...r, continues: theirs.id }, this.stateOf(id));
    this.edit(id, fillForm(theirs.body));
    return true;
  }

  followUp(id: string, of: DraftRecord["followUpOf"]): void {
    const r = this.records.get(id);
    if (r) this.keep({ ...r, followUpOf: of }, this.stateOf(id));
  }

  submit(id: string, disposition: Disposition): void {
    const r = this.records.get(id);
    if (!r || r.submit) return;
    this.keep({ ...r, submit: disposition, conflict: null }, "submitting");
    this.schedule(id, 0);
  }

  async discard(id: string): Promise<void> {
    const r = this.records.get(id);
    if (!r) return;
    if (r.savedRev > 0) await this.api.remove(id);
    this.forget(id);
  }

  /** The agent chose between two versions. */
  resolve(id: string, keep: "mine" | "theirs"): void {
    const r = this.records.get(id);
    if (!r?.conflict) return;
    const theirs = r.conflict;
    if (keep === "theirs") return this.keep(fromServer(theirs, r), "saved");
    this.keep({ ...r, conflict: null, savedRev: theirs.rev, rev: Math.max(r.rev, theirs.rev) + 1 }, "saving");
    this.schedule(id, 0);
  }

  /** Sends at once whatever waits: the network is back, or the page is about to go. */
  flush(): void {
    this.wait.reset();
    for (const r of this.records.values()) if (unsent(r)) this.schedule(r.id, 0);
  }

  /** At sign-out: what the server has is removed from this browser, the rest waits for the same account. */
  close(): void {
    this.closed = true;
    for (const t of this.timers.values()) clearTimeout(t);
    for (const r of this.records.values()) if (!unsent(r)) this.storage.remove(r.id);
  }

  private schedule(id: string, after_ms: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.set(id, setTimeout(() => void this.send(id), after_ms));
  }

  private async send(id: string): Promise<void> {
    const r = this.records.get(id);
    if (this.closed || !r || !unsent(r) || r.conflict || this.busy.has(id)) return; // a busy one looks again when it is done
    this.busy.add(id);
    try {
      await (r.submit ? this.sendCase(r, r.submit) : this.sendDraft(r));
      this.wait.reset();
    } catch (error) {
      await this.failed(r, error);
    } finally {
      this.busy.delete(id);
      const now = this.records.get(id);
      if (now && now !== r && now.rev + Number(!!now.submit) > r.rev + Number(!!r.submit)) this.schedule(id, PAUSE_MS);
    }
  }

  private async sendDraft(r: DraftRecord): Promise<void> {
    const done = await this.api.put(r.id, { call_id: r.callId, rev: r.rev, body: r.body, continues: r.continues ?? null });
    const now = this.records.get(r.id);
    if (!now) return;
    const next = { ...now, savedRev: r.rev, savedAt: done.updated_at };
    this.keep(next, unsent(next) ? "saving" : "saved");
  }

  private async sendCase(r: DraftRecord, disposition: Disposition): Promise<void> {
    const made = await this.api.submit(r, ready(r.body), disposition);
    this.forget(r.id);
    this.events.submitted(r, made);
  }

  private async failed(r: DraftRecord, error: unknown): Promise<void> {
    const now = this.records.get(r.id) ?? r;
    if (isTransient(error) || (error instanceof ApiProblem && error.status === 401)) {
      this.keep(now, now.submit ? "queued" : "browser");
      return this.schedule(r.id, this.wait.next());
    }
    if (error instanceof ApiProblem && error.code === "draft.stale") return this.stale(now, error);
    if (error instanceof ApiProblem && error.code === "draft.submitted") return this.overtaken(now, error);
    this.keep({ ...now, submit: null }, "browser");
    this.events.refused(now, error instanceof ApiProblem ? error : new ApiProblem(0, "web.bug", String(error)));
  }

  private async stale(r: DraftRecord, error: ApiProblem): Promise<void> {
    const told = error.body.stored as Draft | undefined;
    const theirs = told ?? (await this.api.get(r.id).catch(() => null));
    if (!theirs) return this.schedule(r.id, this.wait.next());
    if (sameForm(theirs.body, r.body)) return this.keep(fromServer(theirs, r), "saved");
    this.keep({ ...r, conflict: theirs }, "conflict");
  }

  /** Another page submitted this draft meanwhile. What was typed here since goes on as a draft of its own. */
  private overtaken(r: DraftRecord, error: ApiProblem): void {
    const copy = this.create(null);
    this.edit(copy.id, r.body);
    this.forget(r.id);
    this.events.refused(copy, error);
  }

  private join(d: Draft): void {
    const r = this.records.get(d.id);
    if (!r) return this.keep(fromServer(d), "saved");
    if (d.rev <= r.savedRev) return;
    if (!unsent(r) || sameForm(d.body, r.body)) return this.keep(fromServer(d, r), "saved");
    this.keep({ ...r, conflict: d }, "conflict");
  }

  private keep(record: DraftRecord, state: SavedState): void {
    this.records.set(record.id, record);
    this.tell(record, this.storage.put(record) ? state : unsent(record) ? "memory" : state);
  }

  private tell(record: DraftRecord, state: SavedState): void {
    const told = record.conflict ? "conflict" : state;
    this.states.set(record.id, told);
    this.events.changed(record, told);
  }

  private forget(id: string): void {
    clearTimeout(this.timers.get(id));
    this.records.delete(id);
    this.states.delete(id);
    this.storage.remove(id);
    this.events.removed(id);
  }
}

/** The server lacks something of it. */
export const unsent = (r: DraftRecord): boolean => r.rev > r.savedRev || r.submit !== null;

function fromServer(d: Draft, r?: DraftRecord): DraftRecord {
  return {
    id: d.id, callId: d.call_id ?? null, body: fillForm(d.body), rev: d.rev, savedRev: d.rev, savedAt: d.updated_at,
    changedAt: Date.parse(d.updated_at), followUpOf: r?.followUpOf ?? null, continues: r?.continues ?? null, submit: null, conflict: null,
  };
}
