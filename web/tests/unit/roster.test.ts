import { describe, expect, it } from "vitest";
import { callOf, citizenNumber, placeIn, stateOf } from "@/core/desk";
import { emptyPicture } from "@/core/feed";
import { consultationOf, isConference, legActions, mine, newLegs, newlyFailed, partyTone } from "@/core/roster";
import type { CallLive, Party, PartyState } from "@/core/types";

const party = (leg: string, kind: Party["kind"], state: PartyState, more: Partial<Party> = {}): Party => ({ leg, kind, state, number: leg, since: "2026-11-23T01:00:00Z", agent_no: null, muted: false, cause: null, ...more });
const citizen = (state: PartyState = "joined") => party("c", "citizen", state);
const me = (state: PartyState = "joined", leg = "a") => party(leg, "seat", state, { agent_no: "1001", number: "8001" });
const agency = (state: PartyState, leg = "x") => party(leg, "outside", state, { number: "053186660101" });
const call = (...parties: Party[]): CallLive => ({ call_id: "1", state: "talking", agent_no: "1001", caller: "139", called: "12345", ringing: [], room: true, direction: "inbound", parties }) as unknown as CallLive;
const EVERY: PartyState[] = ["dialling", "ringing", "joined", "consulting", "aside", "busy", "no_answer", "refused", "failed", "cancelled", "left", "hung_up_on_us"];

describe("the consultation", () => {
  it("begins while the target is called", () => expect(consultationOf(call(citizen("aside"), me("consulting"), agency("ringing")), "1001")?.phase).toBe("asking"));
  it("goes on when the target answers", () => expect(consultationOf(call(citizen("aside"), me("consulting"), agency("consulting")), "1001")?.phase).toBe("talking"));
  it("after a swap the target still stands in it", () => expect(consultationOf(call(citizen(), me(), agency("consulting")), "1001")?.phase).toBe("swapped"));
  it("somebody on hold is none", () => expect(consultationOf(call(citizen(), me(), agency("aside")), "1001")).toBeNull());
  it.each(["busy", "no_answer", "refused", "failed", "hung_up_on_us", "left"] as const)("is over when the target is %s", (state) => {
    expect(consultationOf(call(citizen(), me(), agency(state)), "1001")).toBeNull();
  });
  it("left behind by the target still shows the way back", () => {
    expect(consultationOf(call(citizen("aside"), me("consulting"), agency("busy")), "1001")).toEqual({ target: null, phase: "alone" });
  });
  it("is the agent's who asked, and not the guest's", () => {
    const asked = call(citizen("aside"), me("consulting"), party("g", "seat", "consulting", { agent_no: "1002" }));
    expect(consultationOf(asked, "1001")?.target?.leg).toBe("g");
    expect(mine(asked, "1002")?.leg).toBe("g");
  });
  it("is no conference", () => {
    const c = call(citizen("aside"), me("consulting"), agency("consulting"));
    expect(isConference(c, consultationOf(c, "1001"))).toBe(false);
    expect(isConference(call(citizen(), me(), agency("joined")), null)).toBe(true);
    expect(isConference(call(citizen(), me(), agency("busy")), null)).toBe(false);
  });
});

describe("what may be done with a leg", () => {
  const c = call(citizen(), me(), agency("joined"));
  const of = (p: Party, own = false) => legActions(c, p, own, null);
  it("somebody who talks: mute, hold, drop", () => expect(of(c.parties![2]!)).toEqual(["mute", "hold", "drop"]));
  it("nobody drops the citizen", () => expect(of(c.parties![0]!)).toEqual(["mute", "hold"]));
  it("nor oneself", () => expect(of(c.parties![1]!, true)).toEqual(["mute"]));
  it("whoever is muted is unmuted", () => expect(of({ ...c.parties![2]!, muted: true })).toContain("unmute"));
  it.each(["busy", "no_answer", "refused", "failed", "cancelled", "hung_up_on_us"] as const)("%s can be tried again", (state) => {
    const gone = agency(state);
    expect(legActions(call(citizen(), me(), gone), gone, false, null)).toEqual(["redial"]);
  });
  it("but not twice at once", () => {
    const first = agency("busy", "x1");
    expect(legActions(call(citizen(), me(), first, agency("dialling", "x2")), first, false, null)).toEqual([]);
  });
  it("who left after talking is only history", () => expect(of(agency("left"))).toEqual([]));
  it("before there is a room nothing is muted or held here", () => expect(legActions({ ...c, room: false }, c.parties![0]!, false, null)).toEqual([]));
  it("every state has a tone that is not colour alone", () => expect(EVERY.map(partyTone)).toEqual(["warn", "warn", "good", "good", "warn", "bad", "bad", "bad", "bad", "", "", "bad"]));
});

describe("news of the legs", () => {
  it("are told once, when one comes to nothing", () => {
    const before = call(citizen(), me(), agency("ringing"));
    const after = call(citizen(), me(), agency("busy"));
    expect(newlyFailed(before, after).map((p) => p.state)).toEqual(["busy"]);
    expect(newlyFailed(after, after)).toEqual([]);
  });
  it("cancelled by us is no news", () => expect(newlyFailed(call(agency("ringing")), call(agency("cancelled")))).toEqual([]));
  it("a leg that was not there before is what a call of somebody is confirmed by", () => {
    expect(newLegs(["c", "a"], call(citizen(), me(), agency("dialling"))).map((p) => p.leg)).toEqual(["x"]);
    expect(newLegs(["c"], null)).toEqual([]);
  });
});

describe("whose call it is", () => {
  const floor = (c: CallLive) => ({ ...emptyPicture(), calls: { [c.call_id]: c } });
  it("not mine any more once I was let go, though it still says so", () => {
    const handed = call(citizen("aside"), me("left"), agency("ringing"));
    expect(callOf(floor(handed), "1001")).toBeNull();
  });
  it("mine again when my seat is called back", () => {
    const back = call(citizen("aside"), me("left"), agency("busy"), me("ringing", "a2"));
    expect(placeIn(back, "1001")).toBe("ringing");
    expect(callOf(floor(back), "1001")).not.toBeNull();
  });
  it("rings at a colleague who is asked", () => {
    const asked = call(citizen("aside"), me("consulting"), party("g", "seat", "ringing", { agent_no: "1002" }));
    expect(placeIn(asked, "1002")).toBe("ringing");
    expect(stateOf(asked, "1002")).toBe("ringing");
    expect(stateOf(asked, "1001")).toBe("talking");
  });
  it("calling out: dialling until the citizen answers, and the number is the citizen's", () => {
    const out = { ...call(me(), party("z", "citizen", "ringing", { number: "13900001111" })), direction: "outbound" } as CallLive;
    expect(stateOf(out, "1001")).toBe("dialling");
    expect(citizenNumber(out)).toBe("13900001111");
    expect(stateOf({ ...out, parties: [me("ringing")] } as CallLive, "1001")).toBe("dialling");
  });
});
