import { describe, expect, it } from "vitest";
import { canHear, earOf, holderOf, listenedBy, othersOn, ringsForMe } from "@/core/ears";
import { emptyPicture, type LivePicture } from "@/core/feed";
import type { CallLive, Ear, EarsLive } from "@/core/types";

const T = "2026-11-28T01:00:00Z";
const ear = (change: Partial<Ear> = {}): Ear => ({ leg: "1.1+ear7-8009", seat: "8009", agent_no: "1009", mode: "listen", state: "on", since: T, name: "班长", ...change }) as Ear;
const picture = (change: Partial<EarsLive> = {}): LivePicture => ({
  ...emptyPicture(),
  ears: { c1: { call_id: "c1", node: "pbx1", linkedid: "1.1", agent_no: "1001", ears: [], taken_by: null, taken_by_name: "", ...change } as EarsLive },
});
const call = (state: string, agents: string[] = []): CallLive =>
  ({ call_id: "c1", state, parties: agents.map((agent_no) => ({ leg: agent_no, kind: "seat", number: "8", state: "joined", since: T, agent_no })) }) as unknown as CallLive;

describe("ears", () => {
  it("knows mine from the others'", () => {
    const p = picture({ ears: [ear(), ear({ leg: "x", agent_no: "1008", mode: "whisper" })] });
    expect(earOf(p, "c1", "1009")?.mode).toBe("listen");
    expect(earOf(p, "c1", "")).toBeNull();
    expect(earOf(p, "other", "1009")).toBeNull();
    expect(othersOn(p, "c1", "1009").map((e) => e.mode)).toEqual(["whisper"]);
    expect(listenedBy(p, "1008")).toBe("c1");
    expect(listenedBy(p, "")).toBeNull();
  });

  it("shows the agent nobody whose telephone only rings", () => {
    expect(othersOn(picture({ ears: [ear({ state: "calling" })] }), "c1", "1001")).toEqual([]);
  });

  it("says who takes it over, by name where there is one", () => {
    expect(holderOf(picture(), "c1")).toBeNull();
    expect(holderOf(picture({ taken_by: "1009", taken_by_name: "班长" }), "c1")).toBe("班长");
    expect(holderOf(picture({ taken_by: "1009" }), "c1")).toBe("1009");
  });

  it("picks the telephone up only for what this supervisor asked for", () => {
    expect(ringsForMe(picture({ ears: [ear({ state: "calling" })] }), "1009")).toBe(true);
    expect(ringsForMe(picture({ ears: [ear()] }), "1009")).toBe(false);
    expect(ringsForMe(picture({ taken_by: "1009" }), "1009")).toBe(true);
    expect(ringsForMe(picture({ taken_by: "1009" }), "1008")).toBe(false);
    expect(ringsForMe(picture({ taken_by: "" }), "")).toBe(false);
  });

  it("hears talk, never a call of one's own", () => {
    expect(canHear(call("talking"), "1009")).toBe(true);
    expect(canHear(call("queued"), "1009")).toBe(false);
    expect(canHear(call("talking", ["1009"]), "1009")).toBe(false);
  });
});
