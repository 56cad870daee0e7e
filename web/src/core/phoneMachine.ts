/**
 * The browser phone as a state machine: registration and leg, each a table. Pure; phone.ts talks, this decides.
 *
 *   off ─start▶ connecting ─socketOpen▶ registering ─registered▶ registered
 *                   ▲                      │  │  ▲                  │
 *          socketLost from any state       │  │  └──retry── waiting ◀─unregistered, failed
 *                   ▼                      │  └─failed──▶ waiting
 *                offline ─socketOpen▶      └─refused (401, 403)▶ refused ─start▶ connecting
 *
 *   none ─invited▶ ringing ─answer▶ answering ─confirmed▶ talking ─ended▶ none      (ended is possible everywhere)
 */

export type Registration = "off" | "connecting" | "registering" | "registered" | "waiting" | "refused" | "offline";
export type LegState = "none" | "ringing" | "answering" | "talking";

export interface Leg {
  state: LegState;
  caller: string;
  held: boolean;
  muted: boolean;
  media: "ok" | "interrupted";
}

export interface PhoneState {
  registration: Registration;
  /** SIP status of the last refusal or failure, 0 when there was none. */
  status: number;
  leg: Leg;
}

export type PhoneFact =
  | { type: "start" | "stop" | "socketOpen" | "socketLost" | "registered" | "unregistered" | "retry" }
  | { type: "failed"; status: number }
  | { type: "invited"; caller: string }
  | { type: "answer" | "confirmed" | "ended" }
  | { type: "held" | "muted"; on: boolean }
  | { type: "media"; state: "ok" | "interrupted" };

export const noLeg = (): Leg => ({ state: "none", caller: "", held: false, muted: false, media: "ok" });
export const initialPhone = (): PhoneState => ({ registration: "off", status: 0, leg: noLeg() });

const ANY = "*";

/** registration × fact → registration. A pair that is missing changes nothing: a fact is never refused. */
const REGISTRATION: Record<string, Partial<Record<Registration | typeof ANY, Registration>>> = {
  start: { off: "connecting", refused: "connecting", waiting: "connecting", offline: "connecting" },
  stop: { [ANY]: "off" },
  socketOpen: { connecting: "registering", offline: "registering" },
  socketLost: {
    connecting: "offline",
    registering: "offline",
    registered: "offline",
    waiting: "offline",
    refused: "refused",
  },
  registered: { connecting: "registered", registering: "registered", waiting: "registered", offline: "registered" },
  unregistered: { registered: "waiting", registering: "waiting" },
  retry: { waiting: "registering" },
};

/** leg × fact → leg. */
const LEG: Record<string, Partial<Record<LegState, LegState>>> = {
  invited: { none: "ringing" },
  answer: { ringing: "answering" },
  confirmed: { ringing: "talking", answering: "talking" },
  ended: { ringing: "none", answering: "none", talking: "none" },
};

/** The registrar knows us and says no: trying again with the same secret would only lock us out. */
export const isRefusal = (status: number): boolean => status === 401 || status === 403 || status === 407;

export function phoneStep(state: PhoneState, fact: PhoneFact): PhoneState {
  if (fact.type === "failed") return failed(state, fact.status);
  const registration = REGISTRATION[fact.type]?.[state.registration] ?? REGISTRATION[fact.type]?.[ANY];
  const next = registration ? { ...state, registration } : state;
  if (registration === "registered") return { ...next, status: 0 };
  if (fact.type === "stop") return { ...next, leg: noLeg() };
  return { ...next, leg: legStep(next.leg, fact) };
}

function failed(state: PhoneState, status: number): PhoneState {
  if (state.registration === "off") return state;
  if (isRefusal(status)) return { ...state, registration: "refused", status };
  if (state.registration === "offline" || state.registration === "refused") return { ...state, status };
  return { ...state, registration: "waiting", status };
}

function legStep(leg: Leg, fact: PhoneFact): Leg {
  const to = LEG[fact.type]?.[leg.state];
  if (to === "none") return noLeg();
  if (fact.type === "invited") return to ? { ...noLeg(), state: to, caller: fact.caller } : leg;
  if (to) return { ...leg, state: to };
  if (fact.type === "held") return { ...leg, held: fact.on };
  if (fact.type === "muted") return { ...leg, muted: fact.on };
  if (fact.type === "media") return leg.state === "none" ? leg : { ...leg, media: fact.state };
  return leg;
}

export type LostReason = "microphone" | "second-tab" | "network" | "registration";
export type Availability = { state: "ok" } | { state: "lost"; reason: LostReason } | { state: "checking" };

/**
 * Whether a call may be sent here. The server blocks the agent while it is lost.
 * Order matters: a phone that lives in another tab has no microphone here, and that is not what is wrong with it.
 */
export function availability(here: boolean | null, microphone: boolean | null, r: Registration): Availability {
  if (here === false) return { state: "lost", reason: "second-tab" };
  if (microphone === false) return { state: "lost", reason: "microphone" };
  if (r === "refused" || r === "waiting") return { state: "lost", reason: "registration" };
  if (r === "offline") return { state: "lost", reason: "network" };
  if (here === null || microphone === null || r !== "registered") return { state: "checking" };
  return { state: "ok" };
}
