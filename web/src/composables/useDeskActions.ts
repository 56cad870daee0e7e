/** What the agent can do, with when it is possible and whether it is pending. Buttons and keys both use this. */

import { computed } from "vue";
import { placeIn } from "@/core/desk";
import type { LivePicture } from "@/core/feed";
import { missing } from "@/core/form";
import { citizenOf } from "@/core/roster";
import type { Disposition } from "@/core/types";
import { t } from "@/locales";
import { useCases } from "@/stores/cases";
import { useDrafts } from "@/stores/drafts";
import { useLive } from "@/stores/live";
import { useNotices } from "@/stores/notices";
import { usePhone } from "@/stores/phone";
import { useSession } from "@/stores/session";
import { focusOn } from "./useDeskKeys";
import { useMoves } from "./useMoves";

export function useDeskActions() {
  const live = useLive();
  const phone = usePhone();
  const drafts = useDrafts();
  const cases = useCases();
  const notices = useNotices();
  const session = useSession();
  const moves = useMoves();

  const me = (p: LivePicture) => p.agents[session.account?.agent_no ?? ""];
  const browser = computed(() => (live.agent?.phone ?? phone.kind) === "browser");
  const leg = computed(() => phone.state.leg);
  const onCall = computed(() => leg.value.state === "talking" || (!!live.call && placeIn(live.call, session.account?.agent_no ?? "") === "at"));
  const held = computed(() => (live.link === "open" && live.call ? live.call.state === "held" : leg.value.held));
  /** In a room, and for every desk telephone, the switch holds; a browser in a plain call does it by itself. */
  const heldBySwitch = computed(() => !!live.call && (!!live.call.room || !browser.value));

  const can = {
    answer: computed(() => browser.value && leg.value.state === "ringing"),
    // A reloaded page has no leg any more, but its call still stands on the PBX and must be ended there.
    hangup: computed(() => leg.value.state !== "none" || onCall.value),
    media: computed(() => browser.value && leg.value.state === "talking"),
    hold: computed(() => (heldBySwitch.value ? moves.movable.value && !moves.consultation.value : browser.value && leg.value.state === "talking")),
    ready: computed(() => live.agent?.state === "paused" || live.agent?.state === "wrap_up"),
    pause: computed(() => !!live.agent && live.agent.state !== "unreachable"),
    submit: computed(() => !!drafts.active && !drafts.active.submit),
  };
  const pending = {
    answer: computed(() => leg.value.state === "answering" || (leg.value.state === "talking" && live.link === "open" && live.call?.state === "ringing")),
    hangup: computed(() => live.isPending("call.hangup")),
    hold: computed(() => {
      if (heldBySwitch.value) return [citizenOf(live.call)?.leg ?? ""].some((l) => live.isPending("call.hold", l) || live.isPending("call.unhold", l));
      return browser.value && live.link === "open" && !!live.call && leg.value.state === "talking" && leg.value.held !== (live.call.state === "held");
    }),
    ready: computed(() => live.isPending("agent.ready") || live.isPending("agent.wrap_up_end")),
    pause: computed(() => live.isPending("agent.pause")),
    signIn: computed(() => live.isPending("agent.sign_in")),
    signOut: computed(() => live.isPending("agent.sign_out")),
  };

  function answer(): void {
    if (can.answer.value) phone.answer();
  }

  /** The browser phone hangs up by itself, so it works without the API; a telephone, or a call left over from a reload, is hung up by the PBX. */
  function hangUp(): void {
    const call = live.call;
    // Several are here: whether they go on without us is said, not guessed.
    if (moves.consultation.value && moves.owner.value) return focusOn("consult-bar");
    if (moves.conference.value && moves.owner.value) return focusOn("conference-bar");
    if (browser.value && leg.value.state !== "none") return phone.hangUp();
    if (call) live.ask("call.hangup", { call_id: call.call_id }, (p) => (p.calls[call.call_id]?.state ?? "ended") === "ended");
  }

  function hold(): void {
    if (!can.hold.value || pending.hold.value) return;
    if (heldBySwitch.value) moves.holdCitizen(citizenOf(live.call)?.state !== "aside");
    else phone.hold(!leg.value.held);
  }

  function mute(): void {
    if (can.media.value) phone.mute(!leg.value.muted);
  }

  function endWrapUp(): void {
    live.ask("agent.wrap_up_end", {}, (p) => me(p)?.state !== "wrap_up");
  }

  function ready(): void {
    if (live.agent?.state === "wrap_up") return endWrapUp();
    if (can.ready.value) live.ask("agent.ready", {}, (p) => !me(p) || me(p)!.state !== "paused");
  }

  function pause(reason: string): void {
    if (can.pause.value) live.ask("agent.pause", { reason }, (p) => !!me(p)?.reasons.includes(reason));
  }

  function signIn(): void {
    const seat = phone.seat?.seat ?? session.account?.seat;
    live.ask("agent.sign_in", { seat, phone: phone.kind }, (p) => !!me(p));
  }

  function signOut(): void {
    live.ask("agent.sign_out", {}, (p) => !me(p));
  }

  function submit(disposition: Disposition): void {
    const draft = drafts.active;
    if (!draft || !can.submit.value) return;
    if (missing(draft.body).length) {
      drafts.problems = [{ field: "title", message: t("case.needTitle") }];
      drafts.focusRequest += 1;
      return;
    }
    drafts.submit(draft.followUpOf && disposition === "open" ? "follow_up" : disposition);
  }

  /** Joins the form to the case open on the right, else to the caller's only open case. */
  function followUp(): void {
    if (!drafts.active) return;
    if (drafts.active.followUpOf) return void drafts.followUp(null);
    const open = cases.callers[drafts.active.body.citizen_number]?.cases.filter((c) => c.state !== "closed") ?? [];
    const target = cases.opened ?? (open.length === 1 ? open[0] : null);
    if (target) drafts.followUp({ id: target.id, number: target.number, title: target.title });
    else notices.say("info", t("case.followUpPick"));
  }

  return { can, pending, held, leg, onCall, browser, answer, hangUp, hold, mute, ready, endWrapUp, pause, signIn, signOut, submit, followUp };
}
