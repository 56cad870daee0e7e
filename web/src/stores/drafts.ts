/** My drafts and the one on the screen. What happens to them is decided in core/drafts.ts. */

import { defineStore } from "pinia";
import { computed, ref, shallowReactive } from "vue";
import { Drafts, type SavedState } from "@/core/drafts";
import { browserStorage, type DraftRecord, submittedCalls as kept } from "@/core/draftStorage";
import { isBlank } from "@/core/form";
import { ApiProblem, type FieldProblem } from "@/core/problem";
import { draftApi } from "@/core/server";
import type { Case, CaseForm, Disposition } from "@/core/types";
import { t } from "@/locales";
import { useNotices } from "./notices";
import { api, http, useSession } from "./session";

export const useDrafts = defineStore("drafts", () => {
  const notices = useNotices();
  const records = shallowReactive(new Map<string, DraftRecord>());
  const states = shallowReactive(new Map<string, SavedState>());
  const activeId = ref<string | null>(null);
  const problems = ref<FieldProblem[]>([]);
  const lastMade = ref<Case | null>(null);
  /** Calls whose case went off: their wrap-up has nothing left to do. */
  const submittedCalls = shallowReactive(new Set<string>(kept.all()));
  /** Counts up whenever the form opens and the cursor belongs into it. */
  const focusRequest = ref(0);
  let drafts: Drafts | null = null;

  const active = computed(() => (activeId.value ? records.get(activeId.value) ?? null : null));
  const activeState = computed<SavedState>(() => (activeId.value && states.get(activeId.value)) || "blank");
  const list = computed(() => [...records.values()].sort((a, b) => b.changedAt - a.changedAt));
  const anyUnsent = computed(() => [...states.values()].some((s) => s !== "saved" && s !== "blank"));

  function start(account: string): void {
    drafts = new Drafts(draftApi(http), browserStorage(account), { changed, removed, submitted, refused });
    drafts.load().catch((error: unknown) => {
      if (!(error instanceof ApiProblem && error.status === 401)) drafts?.flush();
    });
    window.addEventListener("online", flush);
    window.addEventListener("pagehide", flush);
  }

  function stop(): void {
    window.removeEventListener("online", flush);
    window.removeEventListener("pagehide", flush);
    drafts?.close();
    drafts = null;
    records.clear();
    states.clear();
    activeId.value = null;
  }

  function changed(record: DraftRecord, state: SavedState): void {
    records.set(record.id, record);
    states.set(record.id, state);
  }

  function removed(id: string): void {
    records.delete(id);
    states.delete(id);
    if (activeId.value === id) activeId.value = null;
  }

  function submitted(record: DraftRecord, made: Case): void {
    if (record.callId) {
      submittedCalls.add(record.callId);
      kept.add(record.callId);
    }
    lastMade.value = made;
    notices.say("good", t("case.submitted", { number: made.number }));
  }

  function refused(record: DraftRecord, problem: ApiProblem): void {
    if (record.id === activeId.value) problems.value = problem.fields;
    notices.error(problem);
  }

  function open(id: string): void {
    activeId.value = id;
    problems.value = [];
    focusRequest.value += 1;
  }

  function openForCall(callId: string, caller: string): void {
    const record = drafts!.forCall(callId, caller);
    if (activeId.value !== record.id) open(record.id);
    drafts!.touch(record.id);
  }

  /** The call was a colleague's: what is typed about it already goes on in our form. */
  async function takeOver(callId: string): Promise<void> {
    const record = active.value;
    if (!record || record.callId !== callId || !isBlank(record.body)) return;
    const typed = await api.draftsOfCall(callId).catch(() => []); // nothing to read: the colleague tells it
    if (typed.some((d) => !records.has(d.id) && drafts?.continueFrom(record.id, d))) notices.say("info", t("case.continued"));
  }

  function create(caller = ""): string {
    const record = drafts!.create(null, caller);
    open(record.id);
    return record.id;
  }

  function edit(change: Partial<CaseForm>): void {
    if (!activeId.value) return;
    problems.value = problems.value.filter((p) => !(p.field in change));
    drafts!.edit(activeId.value, change);
  }

  /** Puts the form aside. A blank one that belongs to no call leaves nothing behind. */
  function closeActive(): void {
    const record = active.value;
    activeId.value = null;
    if (record && !record.callId && isBlank(record.body)) void drafts!.discard(record.id).catch(notices.error);
  }

  const flush = (): void => drafts?.flush();

  return {
    records, states, active, activeId, activeState, list, anyUnsent, problems, lastMade, submittedCalls, focusRequest,
    start, stop, open, openForCall, takeOver, create, edit, closeActive, flush,
    link: (id: string, callId: string) => drafts!.link(id, callId),
    followUp: (of: DraftRecord["followUpOf"]) => activeId.value && drafts!.followUp(activeId.value, of),
    submit: (disposition: Disposition) => activeId.value && drafts!.submit(activeId.value, disposition),
    resolve: (keep: "mine" | "theirs") => activeId.value && drafts!.resolve(activeId.value, keep),
    discard: (id: string) => drafts!.discard(id).catch(notices.error),
  };
});

/** The account whose drafts these are: another account of the same browser never sees them. */
export const draftsOwner = (): string => useSession().account?.login ?? "";
