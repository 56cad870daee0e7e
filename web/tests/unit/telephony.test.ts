import { describe, expect, it } from "vitest";
import { askOf, emptyTrunk, faultWords, formOf, listOf, toneOf } from "@/core/telephony";
import type { EndpointNow, Trunk } from "@/core/types";

const now = (state: string): EndpointNow => ({ state, since: "2026-11-29T01:00:00Z", address: null, user_agent: null, rtt_ms: null, fault: null, fault_at: null });
const trunk: Trunk = {
  name: "b", endpoint: "trunk-b", title: "联通", kind: "registration", host: "10.2.3.4", addresses: ["10.2.3.0/28", "10.2.4.4"], username: "lx", codecs: ["alaw"],
  channel_limit: 30, position: 2, active: true, now: null, revision: 1,
};

describe("telephony on the page", () => {
  it("calls a missing trunk trouble, a missing telephone none", () => {
    expect(toneOf(now("unregistered"), true)).toBe("bad");
    expect(toneOf(now("unregistered"))).toBe("");
    expect(toneOf(now("unreachable"))).toBe("bad");
    expect(toneOf(null, true)).toBe("");
  });

  it("reads faults apart", () => {
    expect(faultWords("sip.503")).toEqual({ key: "sip", what: "503" });
    expect(faultWords("secret 10.1.2.3")).toEqual({ key: "secret", what: "10.1.2.3" });
    expect(faultWords("registration.rejected")).toEqual({ key: "registration_rejected", what: "" });
  });

  it("sends what was typed, and no password where none was", () => {
    const form = formOf(trunk);
    expect(askOf(form, false)).toEqual({
      title: "联通", host: "10.2.3.4", addresses: ["10.2.3.0/28", "10.2.4.4"], username: "lx", secret: null, codecs: ["alaw"], channel_limit: 30, position: 2, active: true,
    });
    expect(askOf({ ...form, registers: false, secret: "left over" }, false)).toMatchObject({ username: null, secret: null });
    expect(askOf({ ...emptyTrunk(3), channel_limit: " " }, true)).toEqual({ title: "", channel_limit: null, position: 3, active: true });
    expect(askOf({ ...form, channel_limit: 12 as unknown as string }, true).channel_limit, "a field of numbers gives a number").toBe(12);
    expect(listOf("10.1.1.1，10.1.1.2; 10.1.1.3")).toEqual(["10.1.1.1", "10.1.1.2", "10.1.1.3"]);
  });
});
