import { describe, expect, it } from "vitest";
import { availability, initialPhone, type PhoneFact, type PhoneState, phoneStep, type Registration } from "@/core/phoneMachine";

const run = (...facts: PhoneFact[]): PhoneState => facts.reduce(phoneStep, initialPhone());
const up: PhoneFact[] = [{ type: "start" }, { type: "socketOpen" }, { type: "registered" }];
const STATES: Registration[] = ["off", "connecting", "registering", "registered", "waiting", "refused", "offline"];
const at = (registration: Registration): PhoneState => ({ ...initialPhone(), registration });

describe("registration", () => {
  it("goes up", () => expect(run(...up).registration).toBe("registered"));

  // The whole table: every state × every fact.
  it.each<[PhoneFact, Record<Registration, Registration>]>([
    [{ type: "start" }, { off: "connecting", connecting: "connecting", registering: "registering", registered: "registered", waiting: "connecting", refused: "connecting", offline: "connecting" }],
    [{ type: "stop" }, { off: "off", connecting: "off", registering: "off", registered: "off", waiting: "off", refused: "off", offline: "off" }],
    [{ type: "socketOpen" }, { off: "off", connecting: "registering", registering: "registering", registered: "registered", waiting: "waiting", refused: "refused", offline: "registering" }],
    [{ type: "socketLost" }, { off: "off", connecting: "offline", registering: "offline", registered: "offline", waiting: "offline", refused: "refused", offline: "offline" }],
    [{ type: "registered" }, { off: "off", connecting: "registered", registering: "registered", registered: "registered", waiting: "registered", refused: "refused", offline: "registered" }],
    [{ type: "unregistered" }, { off: "off", connecting: "connecting", registering: "waiting", registered: "waiting", waiting: "waiting", refused: "refused", offline: "offline" }],
    [{ type: "retry" }, { off: "off", connecting: "connecting", registering: "registering", registered: "registered", waiting: "registering", refused: "refused", offline: "offline" }],
    [{ type: "failed", status: 503 }, { off: "off", connecting: "waiting", registering: "waiting", registered: "waiting", waiting: "waiting", refused: "refused", offline: "offline" }],
    [{ type: "failed", status: 403 }, { off: "off", connecting: "refused", registering: "refused", registered: "refused", waiting: "refused", refused: "refused", offline: "refused" }],
  ])("$type", (fact, table) => {
    expect(Object.fromEntries(STATES.map((s) => [s, phoneStep(at(s), fact).registration]))).toEqual(table);
  });

  it("keeps the status of a refusal until it registers", () => {
    const refused = run({ type: "start" }, { type: "socketOpen" }, { type: "failed", status: 401 });
    expect([refused.registration, refused.status]).toEqual(["refused", 401]);
    expect(run({ type: "start" }, { type: "failed", status: 503 }, { type: "registered" }).status).toBe(0);
  });
});

describe("the leg", () => {
  const ring: PhoneFact = { type: "invited", caller: "13912345678" };

  it("rings, is answered, talks, ends", () => {
    expect(run(...up, ring).leg).toMatchObject({ state: "ringing", caller: "13912345678" });
    expect(run(...up, ring, { type: "answer" }).leg.state).toBe("answering");
    expect(run(...up, ring, { type: "answer" }, { type: "confirmed" }).leg.state).toBe("talking");
    expect(run(...up, ring, { type: "answer" }, { type: "confirmed" }, { type: "ended" }).leg).toEqual(initialPhone().leg);
  });

  it("may end while it rings or is being answered", () => {
    expect(run(...up, ring, { type: "ended" }).leg.state).toBe("none");
    expect(run(...up, ring, { type: "answer" }, { type: "ended" }).leg.state).toBe("none");
  });

  it("is not disturbed by a second call or by a confirmation out of nowhere", () => {
    expect(run(...up, ring, { type: "invited", caller: "2" }).leg.caller).toBe("13912345678");
    expect(run(...up, { type: "confirmed" }).leg.state).toBe("none");
  });

  it("survives the loss of the socket: the voice does not run through it", () => {
    const state = run(...up, ring, { type: "answer" }, { type: "confirmed" }, { type: "socketLost" });
    expect([state.registration, state.leg.state]).toEqual(["offline", "talking"]);
  });

  it("forgets hold and mute with the call", () => {
    const state = run(...up, ring, { type: "confirmed" }, { type: "held", on: true }, { type: "muted", on: true }, { type: "ended" }, ring);
    expect(state.leg).toMatchObject({ held: false, muted: false });
  });
});

describe("whether a call may be sent here", () => {
  it.each([
    [true, true, "registered", { state: "ok" }],
    [false, true, "registered", { state: "lost", reason: "second-tab" }],
    [false, false, "off", { state: "lost", reason: "second-tab" }],
    [true, false, "registered", { state: "lost", reason: "microphone" }],
    [true, true, "refused", { state: "lost", reason: "registration" }],
    [true, true, "waiting", { state: "lost", reason: "registration" }],
    [true, true, "offline", { state: "lost", reason: "network" }],
    [true, null, "registered", { state: "checking" }],
    [null, null, "off", { state: "checking" }],
    [true, true, "registering", { state: "checking" }],
  ] as const)("here %s, microphone %s, %s", (here, mic, registration, wanted) => {
    expect(availability(here, mic, registration)).toEqual(wanted);
  });
});
