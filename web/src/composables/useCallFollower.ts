/**
 * Follows my call from ring to wrap-up and does what the screen must do by itself: pop, ring, open the form, end a
 * wrap-up that has nothing left. Reads the server's facts; without them (feed lost) the browser phone's own.
 */

import { computed, ref, shallowRef, watch } from "vue";
import { notify, RingTone, TitleFlash } from "@/core/attention";
import { citizenNumber, isOutbound, placeIn } from "@/core/desk";
import { readable } from "@/core/number";
import { listenedBy, ringsForMe } from "@/core/ears";
import { isOwner, wasOthers } from "@/core/roster";
import type { CallLive } from "@/core/types";
import { t } from "@/locales";
import { useCases } from "@/stores/cases";
import { useDrafts } from "@/stores/drafts";
import { useLive } from "@/stores/live";
import { usePhone } from "@/stores/phone";
import { useSession } from "@/stores/session";
import { useTargets } from "@/stores/targets";
import { useDeskActions } from "./useDeskActions";

/** Asked for here: the telephone that rings then is picked up by itself. */
const EAR_KINDS = new Set(["call.listen", "call.whisper", "call.barge"]);

export function useCallFollower() {
  const live = useLive();
  const phone = usePhone();
  const drafts = useDrafts();
  const cases = useCases();
  const session = useSession();
  const targets = useTargets();
  const tone = new RingTone();
  const flash = new TitleFlash();
  let takeBack = () => {};
  let orphan: string | null = null;
  const { endWrapUp } = useDeskActions();
  const me = computed(() => session.account?.agent_no ?? "");
  /** I listen to somebody's call: no call of mine, though my telephone is in use. */
  const listening = computed(() => !!listenedBy(live.picture, me.value) || live.pending.some((a) => EAR_KINDS.has(a.kind)));
  const askedFor = computed(() => ringsForMe(live.picture, me.value));
  /** The server has shown this leg's call: once it is gone, the leg is only a moment late. */
  const known = ref(false);
  watch(() => [phone.state.leg.state, live.call?.call_id ?? listening.value] as const, ([leg, id]) => {
    if (leg === "none") known.value = false;
    else if (id) known.value = true;
  }, { immediate: true, flush: "sync" });

  /** The call that just ended stays on the screen until its wrap-up is over. */
  const last = shallowRef<CallLive | null>(null);
  const shown = computed(() => live.call ?? (live.agent?.state === "wrap_up" && last.value ? moved(last.value) : null));
  /** Handed on and still going: whether somebody takes it is this desk's business. */
  const moved = (call: CallLive): CallLive => live.picture.calls[call.call_id] ?? call;
  const place = computed(() => (live.call ? placeIn(live.call, me.value) : null));
  const caller = computed(() => (shown.value ? citizenNumber(shown.value) : "") || phone.state.leg.caller);
  const talking = computed(() => (live.call ? place.value === "at" : !listening.value && phone.state.leg.state === "talking" && !(known.value && live.link === "open")));
  /** We call: our own telephone is rung first, and needs no hand. Only a call that the server says is ours is answered. */
  const outgoing = computed(() => isOutbound(live.call) && isOwner(live.call, me.value));
  const ringing = computed(() => !talking.value && !outgoing.value && !listening.value && !askedFor.value && !live.isPending("call.dial") && phone.state.leg.state !== "answering" &&
    (live.agent?.state === "ringing" || place.value === "ringing" || phone.state.leg.state === "ringing"));
  /** A colleague asked us in: same picture, no form of our own until the call is ours. */
  const guest = computed(() => !!live.call && place.value !== null && !outgoing.value && !!live.call.agent_no && !isOwner(live.call, me.value));

  watch([() => outgoing.value || askedFor.value, () => phone.state.leg.state], ([ours, leg]) => ours && leg === "ringing" && phone.answer(), { immediate: true });

  /** The phone is in another tab or on another machine: the form opens there. */
  const elsewhere = () => phone.elsewhere || (phone.kind === "browser" && phone.here === false);

  watch(ringing, (now) => {
    takeBack();
    if (!now) {
      tone.stop();
      return flash.stop();
    }
    const number = readable(caller.value) || t("call.withheld");
    if (phone.kind === "browser" && phone.here !== false) tone.start();
    flash.start(t("title.ringing", { number }));
    if (!document.hasFocus()) takeBack = notify(t("title.ringing", { number }), t("call.answer"));
  });

  watch(() => [shown.value?.call_id, caller.value] as const, ([id, number]) => {
    if (number || id) void cases.loadCaller(number);
  }, { immediate: true });

  watch([talking, () => live.call?.call_id, elsewhere, guest], ([now, callId, away, asGuest]) => {
    if (!now || away || asGuest) return;
    if (callId && orphan) {
      drafts.link(orphan, callId);
      orphan = null;
    } else if (callId) {
      if (!drafts.submittedCalls.has(callId)) openForm(callId);
    } else orphan ??= drafts.create(phone.state.leg.caller);
  }, { immediate: true });

  /** A call out of a case continues it: its form is joined to that case from the start. */
  function openForm(callId: string): void {
    drafts.openForCall(callId, citizenNumber(live.call));
    if (wasOthers(live.call, me.value)) void drafts.takeOver(callId);
    const of = outgoing.value && cases.opened?.id === targets.dialledFor ? cases.opened : null;
    if (of && !drafts.active?.followUpOf) drafts.followUp({ id: of.id, number: of.number, title: of.title });
  }

  // The case went off during the call, or just now: nothing is left to wrap up.
  watch(() => (talking.value ? live.call : null), (call) => call && (last.value = call), { immediate: true });
  const nothingLeft = computed(() => live.agent?.state === "wrap_up" && !drafts.active &&
    drafts.submittedCalls.has(live.agent.call_id ?? last.value?.call_id ?? ""));
  watch(nothingLeft, (over) => over && endWrapUp(), { flush: "post" });

  watch(() => live.agent?.state, () => void cases.loadToday());

  function stop(): void {
    tone.stop();
    flash.stop();
    takeBack();
  }

  return { shown, caller, ringing, talking, guest, stop };
}
