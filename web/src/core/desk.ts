/** Questions a screen asks of the live picture: which call is mine, what is it doing, what may I do. Pure. */

import type { LivePicture } from "./feed";
import { citizenOf, isAsked, isGone, mine } from "./roster";
import type { AgentLive, CallLive } from "./types";

/**
 * Where this agent is in a call: at it (talking, or aside in it), or being rung. Null: not, or not any more: a call that
 * was handed on still says whose it was, until somebody takes it.
 */
export function placeIn(call: CallLive, agentNo: string): "at" | "ringing" | null {
  if (call.state === "ended") return null;
  const me = mine(call, agentNo);
  if (me && !isGone(me)) return isAsked(me) ? "ringing" : "at";
  if (call.ringing?.includes(agentNo)) return "ringing";
  return !me && call.agent_no === agentNo && (call.state === "talking" || call.state === "held") ? "at" : null;
}

/** The call that is at this agent now: talking first, then ringing. Ended ones do not count. */
export function callOf(picture: LivePicture, agentNo: string | null | undefined): CallLive | null {
  if (!agentNo) return null;
  const live = Object.values(picture.calls);
  return live.find((c) => placeIn(c, agentNo) === "at") ?? live.find((c) => placeIn(c, agentNo) === "ringing") ?? null;
}

export const isOutbound = (call: CallLive | null | undefined): boolean => call?.direction === "outbound";

/** The citizen's number, whoever called whom. */
export const citizenNumber = (call: CallLive | null | undefined): string =>
  citizenOf(call)?.number || (call ? (isOutbound(call) ? call.called : call.caller) : "");

/** What the panel shows of a call I am in: dialling = the citizen we call has not answered. */
export function stateOf(call: CallLive, agentNo: string): CallLive["state"] | "dialling" {
  const place = placeIn(call, agentNo);
  const citizen = citizenOf(call);
  if (place === "ringing") return isOutbound(call) && call.agent_no === agentNo ? "dialling" : "ringing";
  if (place === "at" && isOutbound(call) && citizen && isAsked(citizen)) return "dialling";
  if (place === "at" && call.state !== "held") return "talking";
  return call.state;
}

export function agentOf(picture: LivePicture, agentNo: string | null | undefined): AgentLive | null {
  return (agentNo && picture.agents[agentNo]) || null;
}

/** Reasons the agent chose, without those the house set itself. */
export function ownReasons(agent: AgentLive | null): string[] {
  return (agent?.reasons ?? []).filter((r) => !r.startsWith("phone") && r !== "wrap-up" && r !== "not-ready");
}

/** Details of "phone:microphone" and the like: why calls are kept away. */
export function blocks(agent: AgentLive | null): string[] {
  return (agent?.reasons ?? []).filter((r) => r.startsWith("phone")).map((r) => r.split(":")[1] ?? "unknown");
}

/** Reasons an agent may give for a pause. The word travels to the PBX; what people read is in the locale files. */
export const PAUSE_REASONS = ["break", "meal", "meeting", "training", "callback", "other"] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];
