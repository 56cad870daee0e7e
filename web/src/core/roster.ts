/**
 * Everybody in a call, and what may be done with each. Reads the server's parties; decides nothing about the PBX. Pure.
 */

import type { CallLive, Party, PartyState } from "./types";

const GONE: ReadonlySet<PartyState> = new Set(["busy", "no_answer", "refused", "failed", "cancelled", "left", "hung_up_on_us"]);
const ASKED: ReadonlySet<PartyState> = new Set(["dialling", "ringing"]);
/** Gone in a way that a second try may mend. */
const AGAIN: ReadonlySet<PartyState> = new Set(["busy", "no_answer", "refused", "failed", "hung_up_on_us", "cancelled"]);

export const isGone = (p: Party): boolean => GONE.has(p.state);
export const isAsked = (p: Party): boolean => ASKED.has(p.state);
export const isHere = (p: Party): boolean => !isGone(p) && !isAsked(p);

export const partiesOf = (call: CallLive | null | undefined): Party[] => call?.parties ?? [];
export const partyOf = (call: CallLive | null | undefined, leg: string): Party | null => partiesOf(call).find((p) => p.leg === leg) ?? null;
export const citizenOf = (call: CallLive | null | undefined): Party | null => partiesOf(call).find((p) => p.kind === "citizen") ?? null;

/** An agent's leg now: a seat that was called back has an older one that is gone. */
export function mine(call: CallLive | null | undefined, agentNo: string | null | undefined): Party | null {
  const legs = partiesOf(call).filter((p) => p.kind === "seat" && !!agentNo && p.agent_no === agentNo);
  return legs.find((p) => !isGone(p)) ?? legs.at(-1) ?? null;
}

/** The agent whose call it is. A colleague who is asked or joins is a guest: same picture, no form of its own. */
export const isOwner = (call: CallLive | null | undefined, agentNo: string | null | undefined): boolean => !!call && !!agentNo && call.agent_no === agentNo;

/** Somebody else of the desk was in it: what they typed may be there to go on with. */
export const wasOthers = (call: CallLive | null | undefined, agentNo: string | null | undefined): boolean =>
  partiesOf(call).some((p) => p.kind === "seat" && !!p.agent_no && p.agent_no !== agentNo);

export type ConsultPhase = "asking" | "talking" | "swapped" | "alone";

export interface Consultation {
  /** null: alone */
  target: Party | null;
  /**
   * asking: is being called · talking: agent and target, the citizen hears music · swapped: agent and citizen, the
   * target waits · alone: the target is gone and the agent still stands there: the way back must be in sight
   */
  phase: ConsultPhase;
}

/** The consultation that is open, as the parties show it. Somebody on hold is "aside" and none of it. */
export function consultationOf(call: CallLive | null | undefined, agentNo: string | null | undefined): Consultation | null {
  const me = mine(call, agentNo);
  if (!call || !me || isGone(me)) return null;
  const others = partiesOf(call).filter((p) => p !== me && p.kind !== "citizen" && !isGone(p));
  if (me.state === "consulting") {
    const target = others.find((p) => p.state === "consulting") ?? others.find(isAsked);
    return { target: target ?? null, phase: !target ? "alone" : isAsked(target) ? "asking" : "talking" };
  }
  // Swapped: the target still stands in the consultation, alone with music.
  const waiting = others.find((p) => p.state === "consulting");
  return waiting ? { target: waiting, phase: "swapped" } : null;
}

/** More than citizen and agent are here or asked for, and it is no consultation: the desk shows leave and end for all. */
export function isConference(call: CallLive | null | undefined, consultation: Consultation | null): boolean {
  return !!call?.room && !consultation && partiesOf(call).filter((p) => !isGone(p)).length > 2;
}

export type LegAction = "mute" | "unmute" | "hold" | "unhold" | "drop" | "redial";

/** What the agent of the call may do with this leg now. Nobody drops the citizen or oneself: hanging up has its own key. */
export function legActions(call: CallLive, p: Party, own: boolean, consultation: Consultation | null): LegAction[] {
  if (isGone(p)) return p.kind !== "citizen" && !own && AGAIN.has(p.state) && !againAsked(call, p) ? ["redial"] : [];
  const actions: LegAction[] = [];
  if (call.room && p.state === "joined") actions.push(p.muted ? "unmute" : "mute");
  if (!own && !consultation && call.room) {
    if (p.state === "joined") actions.push("hold");
    else if (p.state === "aside") actions.push("unhold");
  }
  if (!own && p.kind !== "citizen" && p.leg !== consultation?.target?.leg) actions.push("drop");
  return actions;
}

/** The same number was tried again since: the row is history. */
const againAsked = (call: CallLive, p: Party): boolean => partiesOf(call).indexOf(p) < partiesOf(call).findLastIndex((q) => q.number === p.number);

/** "good" and "bad" only where it is one: colour is the second sign, the word is the first. */
export function partyTone(state: PartyState): "good" | "warn" | "bad" | "" {
  if (state === "joined" || state === "consulting") return "good";
  if (state === "aside" || isAskedState(state)) return "warn";
  return state === "left" || state === "cancelled" ? "" : "bad";
}
const isAskedState = (s: PartyState): boolean => ASKED.has(s);

/** Legs that came to a bad end between two pictures of a call: each is said once. */
export function newlyFailed(before: CallLive | null, after: CallLive | null): Party[] {
  const was = new Map(partiesOf(before).map((p) => [p.leg, p.state]));
  return partiesOf(after).filter((p) => p.kind !== "citizen" && AGAIN.has(p.state) && p.state !== "cancelled" && was.has(p.leg) && was.get(p.leg) !== p.state);
}

/** Legs of `after` that `before` did not have: what a command that calls somebody is confirmed by. */
export const newLegs = (before: readonly string[], after: CallLive | null | undefined): Party[] =>
  partiesOf(after).filter((p) => !before.includes(p.leg));

/** Longest that somebody may listen to music before the desk is told (the field complains of forgotten holds). */
export const HOLD_ALARM_S = 60;
/** The switch resumes a paused recording by itself after this long. */
export const RECORD_PAUSE_MOST_S = 120;
