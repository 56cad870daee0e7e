import { afterEach, describe, expect, it, vi } from "vitest";
import { TitleFlash } from "@/core/attention";
import { backoff } from "@/core/backoff";
import { blocks, callOf, ownReasons } from "@/core/desk";
import { emptyPicture } from "@/core/feed";
import { levelOf } from "@/core/microphone";
import { gains } from "@/core/stereo";
import type { AgentLive, CallLive } from "@/core/types";

const call = (id: string, state: string, more: Partial<CallLive> = {}) => ({ call_id: id, state, ringing: [], ...more }) as CallLive;
const floor = (...calls: CallLive[]) => ({ ...emptyPicture(), calls: Object.fromEntries(calls.map((c) => [c.call_id, c])) });

describe("my call", () => {
  it("is the one I talk in, even while another rings", () => {
    const picture = floor(call("r", "ringing", { ringing: ["1001"] }), call("t", "held", { agent_no: "1001" }));
    expect(callOf(picture, "1001")?.call_id).toBe("t");
  });
  it("is the one that rings at me, not at my neighbour", () => {
    const picture = floor(call("n", "ringing", { ringing: ["1002"] }), call("m", "ringing", { ringing: ["1003", "1001"] }));
    expect(callOf(picture, "1001")?.call_id).toBe("m");
  });
  it("is over when it is over", () => expect(callOf(floor(call("e", "ended", { agent_no: "1001" })), "1001")).toBeNull());
  it("is nobody's without a number", () => expect(callOf(floor(call("e", "talking", { agent_no: "1001" })), null)).toBeNull());
});

describe("reasons", () => {
  const agent = { reasons: ["Auto-Pause", "meal", "not-ready", "phone:microphone", "wrap-up"] } as AgentLive;
  it("of the agent", () => expect(ownReasons(agent)).toEqual(["Auto-Pause", "meal"]));
  it("of the telephone", () => expect(blocks(agent)).toEqual(["microphone"]));
});

describe("the two voices", () => {
  it.each([
    [false, false, null, { agent: 1, citizen: 1 }],
    [true, false, null, { agent: 0, citizen: 1 }],
    [true, true, null, { agent: 0, citizen: 0 }],
    [true, false, "agent", { agent: 1, citizen: 0 }],
    [false, false, "citizen", { agent: 0, citizen: 1 }],
  ] as const)("agent muted %s, citizen muted %s, solo %s", (agent, citizen, solo, wanted) => expect(gains({ agent, citizen }, solo)).toEqual(wanted));
});

describe("the level meter", () => {
  it("is nothing for silence, all for full scale, half at −30 dB", () => {
    expect(levelOf(new Float32Array(64))).toBe(0);
    expect(levelOf(new Float32Array(64).fill(1))).toBe(1);
    expect(levelOf(new Float32Array(64).fill(10 ** (-30 / 20)))).toBeCloseTo(0.5, 5);
  });
});

describe("patience", () => {
  it("doubles to its cap with jitter, and forgets after a success", () => {
    const b = backoff(100, 400, () => 0.5);
    expect([b.next(), b.next(), b.next(), b.next()]).toEqual([100, 200, 400, 400]);
    b.reset();
    expect(b.next()).toBe(100);
    expect([backoff(100, 400, () => 0).next(), backoff(100, 400, () => 1).next()]).toEqual([75, 125]);
  });
});

describe("the title", () => {
  afterEach(() => vi.useRealTimers());
  it("flashes and comes back as it was", () => {
    vi.useFakeTimers();
    const tab = { title: "连心线" };
    const flash = new TitleFlash(tab);
    flash.start("☎ 139");
    expect(tab.title).toBe("☎ 139");
    vi.advanceTimersByTime(1000);
    expect(tab.title).toBe("连心线");
    vi.advanceTimersByTime(1000);
    flash.stop();
    expect(tab.title).toBe("连心线");
  });
});
