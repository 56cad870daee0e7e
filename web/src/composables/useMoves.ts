/**
 * What the agent can do with a live call beyond answering it. Each is asked, pending, and confirmed by the roster; what
 * became of a leg is the roster's news. Buttons and keys both use this.
 */

import { computed } from "vue";
import { citizenNumber, isOutbound } from "@/core/desk";
import type { LivePicture } from "@/core/feed";
import { citizenOf, consultationOf, isConference, isGone, isOwner, type LegAction, legActions, mine, newLegs, partiesOf, partyOf } from "@/core/roster";
import { POLICE, type TargetRow, type TargetWay, typed } from "@/core/targets";
import type { CallLive, Party } from "@/core/types";
import { useLive } from "@/stores/live";
import { useMeeting } from "@/stores/meeting";
import { usePhone } from "@/stores/phone";
import { useSession } from "@/stores/session";
import { useTargets } from "@/stores/targets";

const KIND: Record<TargetWay, string> = { consult: "call.consult", transfer: "call.transfer", add: "call.add" };
const LEG_KIND: Record<Exclude<LegAction, "redial">, string> = { mute: "call.mute", unmute: "call.unmute", hold: "call.hold", unhold: "call.unhold", drop: "call.drop" };

export function useMoves() {
  const live = useLive();
  const phone = usePhone();
  const session = useSession();
  const targets = useTargets();
  const meeting = useMeeting();

  const agentNo = computed(() => session.account?.agent_no ?? "");
  const call = computed(() => live.call);
  const me = computed(() => mine(call.value, agentNo.value));
  const owner = computed(() => isOwner(call.value, agentNo.value));
  const consultation = computed(() => consultationOf(call.value, agentNo.value));
  const conference = computed(() => isConference(call.value, consultation.value));
  const parties = computed(() => partiesOf(call.value));
  /** I talk in it, it is mine, and there is a citizen or somebody to move. */
  const movable = computed(() => owner.value && !!me.value && !isGone(me.value) && (call.value?.state === "talking" || call.value?.state === "held"));
  const actionsOf = (p: Party): LegAction[] => (call.value && owner.value ? legActions(call.value, p, p === me.value, consultation.value) : []);

  const at = (p: LivePicture, id: string): CallLive | null => p.calls[id] ?? null;
  const over = (c: CallLive | null): boolean => !c || c.state === "ended";

  /** A telephone's own hold would follow it into the room: taken back before the call moves. */
  function free(): void {
    if (phone.state.leg.held) phone.hold(false);
  }

  function reach(row: TargetRow, way: TargetWay): void {
    const c = call.value;
    if (!c || !movable.value) return;
    free();
    targets.remember(row, way);
    const before = parties.value.map((p) => p.leg);
    const handedOn = (now: CallLive | null): boolean => {
      const leg = mine(now, agentNo.value);
      return over(now) || !leg || isGone(leg);
    };
    const args = { call_id: c.call_id, target: row.target, case_id: meeting.caseOf(c.call_id) };
    live.ask(KIND[way], args, (p) => {
      const now = at(p, c.call_id);
      const leg = newLegs(before, now).find((l) => !row.number || l.number === row.number);
      return !!leg || (way === "transfer" ? handedOn(now) : over(now));
    }, row.key);
    if (way === "add" && row.agencyId) void meeting.open(c.call_id);
  }

  /** All that were picked, one command each; whoever is in already is not called twice. */
  function reachPicked(): void {
    const here = new Set(parties.value.filter((p) => !isGone(p)).map((p) => p.number));
    for (const row of targets.picked) if (!row.number || !here.has(row.number)) reach(row, "add");
    targets.picked = [];
  }

  /** 110 comes into the call, and we stay until they have it: where they do not take it, it is still ours. */
  function police(): void {
    if (!parties.value.some((p) => p.number === targets.police && !isGone(p))) reach(POLICE, "add");
  }

  const redial = (p: Party): void => {
    const known = targets.asked.get(p.number);
    const row = typed(p.number);
    if (p.kind === "seat") row.target = { kind: "seat", value: p.number };
    reach(known?.row ?? row, known && known.way !== "transfer" ? known.way : call.value?.room && conference.value ? "add" : "consult");
  };

  function leg(action: LegAction, p: Party): void {
    const c = call.value;
    if (!c) return;
    if (action === "redial") return redial(p);
    const done = (now: Party | null): boolean => {
      if (!now || isGone(now)) return true;
      if (action === "mute" || action === "unmute") return now.muted === (action === "mute");
      if (action === "drop") return false;
      return (now.state === "aside") === (action === "hold");
    };
    live.ask(LEG_KIND[action], { call_id: c.call_id, leg: p.leg }, (pic) => over(at(pic, c.call_id)) || done(partyOf(at(pic, c.call_id), p.leg)), p.leg);
  }
  const legPending = (action: LegAction, p: Party): boolean =>
    action === "redial" ? live.pending.some((a) => a.subject === (targets.asked.get(p.number)?.row.key ?? `number:${p.number}`)) : live.isPending(LEG_KIND[action], p.leg);

  /** Of the citizen, by the server: works with every telephone, and moves the call into a room if need be. */
  function holdCitizen(on: boolean): void {
    const c = call.value;
    if (c) live.ask(on ? "call.hold" : "call.unhold", { call_id: c.call_id }, (p) => over(at(p, c.call_id)) || (citizenOf(at(p, c.call_id))?.state === "aside") === on, citizenOf(c)?.leg ?? "");
  }

  type Consult = "swap" | "complete" | "cancel" | "merge";
  function consult(step: Consult): void {
    const c = call.value;
    const open = consultation.value;
    if (!c || !open || ((open.phase === "asking" || !open.target) && step !== "cancel")) return;
    const target_leg = open.target?.leg ?? "";
    const swapped = open.phase === "swapped";
    live.ask(`call.consult_${step}`, { call_id: c.call_id }, (p) => {
      const now = at(p, c.call_id);
      const own = mine(now, agentNo.value);
      if (over(now) || !own || isGone(own)) return true;
      const target = partyOf(now, target_leg);
      if (step === "swap") return (own.state === "joined") !== swapped;
      if (step === "cancel") return own.state !== "consulting" && (!target || isGone(target));
      return step === "merge" && own.state === "joined" && target?.state === "joined";
    });
    if (step === "merge" && targets.asked.get(open.target?.number ?? "")?.row.agencyId) void meeting.open(c.call_id);
  }

  function leave(): void {
    const c = call.value;
    if (c) live.ask("call.leave", { call_id: c.call_id }, (p) => {
      const own = mine(at(p, c.call_id), agentNo.value);
      return over(at(p, c.call_id)) || !own || isGone(own);
    });
  }

  function end(): void {
    const c = call.value;
    if (c) live.ask("call.end", { call_id: c.call_id }, (p) => over(at(p, c.call_id)) || partiesOf(at(p, c.call_id)).every((q) => isGone(q) || q.kind === "citizen"));
  }

  /** Calls somebody of an open matter; the own telephone is rung first and answers by itself. */
  function dial(number: string, caseId: string | null = null): void {
    targets.dialledFor = caseId;
    live.ask("call.dial", { number, case_id: caseId }, (p) => Object.values(p.calls).some((c) => isOutbound(c) && c.agent_no === agentNo.value && c.state !== "ended" && citizenNumber(c) === number), number);
  }
  const mayDial = computed(() => !!live.agent && !call.value && live.agent.state !== "unreachable" && !live.isPending("call.dial"));

  function pauseRecording(reason: string): void {
    const c = call.value;
    if (c) live.ask("call.record_pause", { call_id: c.call_id, reason }, (p) => over(at(p, c.call_id)) || !!at(p, c.call_id)?.recording_paused_since);
  }
  function resumeRecording(): void {
    const c = call.value;
    if (c) live.ask("call.record_resume", { call_id: c.call_id }, (p) => !at(p, c.call_id)?.recording_paused_since);
  }

  return {
    call, me, owner, parties, consultation, conference, movable, mayDial, actionsOf,
    reach, reachPicked, police, leg, legPending, holdCitizen, consult, leave, end, dial, pauseRecording, resumeRecording,
  };
}
