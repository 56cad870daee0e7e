/** Who listens to a call, and what a supervisor may do with it now. Reads the server's ears; decides nothing. Pure. */

import type { LivePicture } from "./feed";
import { isGone, partiesOf } from "./roster";
import type { CallLive, Ear, EarMode } from "./types";

export const EAR_MODES = ["listen", "whisper", "barge"] as const satisfies readonly EarMode[];

export const earsOf = (picture: LivePicture, callId: string): Ear[] => picture.ears[callId]?.ears ?? [];

/** This supervisor's own ear on that call. */
export const earOf = (picture: LivePicture, callId: string, agentNo: string): Ear | null =>
  (agentNo && earsOf(picture, callId).find((e) => e.agent_no === agentNo)) || null;

/** The call to which this supervisor listens, or is being called to listen. */
export const listenedBy = (picture: LivePicture, agentNo: string): string | null =>
  Object.values(picture.ears).find((e) => !!agentNo && e.ears?.some((ear) => ear.agent_no === agentNo))?.call_id ?? null;

/** Who is taking it over now: the name, or the number where nobody knows the name. */
export const holderOf = (picture: LivePicture, callId: string): string | null => {
  const ears = picture.ears[callId];
  return ears?.taken_by ? ears.taken_by_name || ears.taken_by : null;
};

/** This supervisor's own telephone is rung by the house because they asked for it: it is picked up by itself. */
export const ringsForMe = (picture: LivePicture, agentNo: string): boolean =>
  Object.values(picture.ears).some((e) => !!agentNo && (e.taken_by === agentNo || e.ears?.some((ear) => ear.agent_no === agentNo && ear.state === "calling")));

/** Somebody talks in it, and it is not this supervisor's own. */
export const canHear = (call: CallLive, agentNo: string): boolean =>
  (call.state === "talking" || call.state === "held") && !partiesOf(call).some((p) => p.agent_no === agentNo && !isGone(p));

/** The others who hear it: for the agent by the site's policy, for supervisors always. */
export const othersOn = (picture: LivePicture, callId: string, agentNo: string): Ear[] =>
  earsOf(picture, callId).filter((e) => e.state === "on" && e.agent_no !== agentNo);
