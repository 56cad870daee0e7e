/** The conference of a call: opened once on the server, its promises, and the one that is being typed. */

import { defineStore } from "pinia";
import { computed, ref, shallowReactive, shallowRef, watch } from "vue";
import { emptyPromise, fromSiteLocal, gapsOf, type PromiseDraft, type PromiseGap, proposedDue, siteLocal } from "@/core/promises";
import type { Conference, PromiseMade } from "@/core/types";
import { t } from "@/locales";
import { useCases } from "./cases";
import { useDrafts } from "./drafts";
import { clock, useLive } from "./live";
import { useNotices } from "./notices";
import { api, useSession } from "./session";

const KEY = "lianxin.promise";

export const useMeeting = defineStore("meeting", () => {
  const live = useLive();
  const cases = useCases();
  const drafts = useDrafts();
  const notices = useNotices();
  const session = useSession();
  const conferences = shallowReactive(new Map<string, Conference>());
  const made = shallowReactive(new Map<string, PromiseMade[]>());
  const problems = ref<PromiseGap[]>([]);
  const saving = ref(false);
  const form = ref<PromiseDraft>(kept());
  /** The call whose conference is on the screen: mine now, or the last that was one. */
  const callId = shallowRef<string | null>(null);
  const conference = computed(() => (callId.value ? conferences.get(callId.value) ?? null : null));
  const promises = computed(() => (callId.value ? made.get(callId.value) ?? [] : []));

  function kept(): PromiseDraft {
    try {
      return { ...emptyPromise(), ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<PromiseDraft>) };
    } catch {
      return emptyPromise();
    }
  }
  // Typed text is in this browser before anything else happens to it.
  watch(form, (f) => localStorage.setItem(KEY, JSON.stringify(f)), { deep: true });

  /** The case this call is about, as far as the desk knows: submitted from it, joined to it, or none yet. */
  function caseOf(call: string): string | null {
    const draft = [...drafts.records.values()].find((r) => r.callId === call);
    const joined = draft?.followUpOf?.id ?? (cases.opened?.calls.some((c) => c.id === call) ? cases.opened.id : null);
    return joined ?? (drafts.submittedCalls.has(call) ? drafts.lastMade?.id ?? null : null);
  }

  /** Asked again it is the same conference: the call has one. */
  async function open(call: string): Promise<Conference | null> {
    callId.value = call;
    const known = conferences.get(call);
    if (known) return known;
    try {
      const opened = await api.openConference(call, caseOf(call));
      conferences.set(call, opened);
      return opened;
    } catch (error) {
      notices.error(error);
      return null;
    }
  }

  function propose(): void {
    if (!form.value.due) form.value.due = proposedDue(new Date(clock.now()), session.account?.time_zone);
  }

  async function save(): Promise<boolean> {
    const zone = session.account?.time_zone;
    problems.value = gapsOf(form.value, siteLocal(new Date(clock.now()), zone));
    const call = callId.value ?? live.call?.call_id;
    if (problems.value.length || saving.value || !call) return false;
    saving.value = true;
    try {
      const at = await open(call);
      if (!at) return false;
      const { id, agencyId, who, what, due } = form.value;
      const done = await api.makePromise({
        id, case_id: at.case_id ?? caseOf(call), conference_id: at.id, agency_id: agencyId, who: who.trim(), what: what.trim(),
        due_at: fromSiteLocal(due, zone).toISOString(),
      });
      made.set(call, [...(made.get(call) ?? []), done]);
      form.value = emptyPromise(form.value.due);
      notices.say("good", t("promise.saved"));
      return true;
    } catch (error) {
      notices.error(error);
      return false;
    } finally {
      saving.value = false;
    }
  }

  return { form, problems, saving, callId, conference, promises, open, propose, save, caseOf };
});
