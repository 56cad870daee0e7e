import { describe, expect, it } from "vitest";
import { commandOfRow, type FeedMessage, type FeedRow, type FeedState, initialFeed, pictureOf, step } from "@/core/feed";
import type { AgentLive, CallLive, Snapshot } from "@/core/types";

const T = "2026-11-23T01:00:00Z";
const agent = (change: Partial<AgentLive> = {}): AgentLive =>
  ({ agent_no: "1001", node: "pbx1", seat: "8001", phone: "browser", state: "ready", reasons: [], since: T, queues: ["hotline"], ...change }) as AgentLive;
const call = (id: string, state = "queued"): CallLive => ({ call_id: id, node: "pbx1", linkedid: id, state, since: T, started_at: T, caller: "1", called: "12345" }) as CallLive;
const snapshot = (seq: number, change: Partial<Snapshot> = {}): Snapshot => ({ seq, server_time: T, agents: [], calls: [], queues: [], trunks: [], nodes: [], ...change });
const hello = (s: Snapshot): FeedMessage => ({ type: "hello", seq: s.seq, server_time: T, snapshot: s });
const row = (seq: number, prev: number, topic: string, key: string, body: unknown): FeedRow => ({ type: "row", seq, prev, topic, key, body: body as FeedRow["body"] });

function play(messages: FeedMessage[], from: FeedState = initialFeed()): [FeedState, string[]] {
  const effects: string[] = [];
  let state = from;
  for (const m of messages) {
    const [next, effect] = step(state, m);
    state = next;
    effects.push(effect);
  }
  return [state, effects];
}

describe("the feed", () => {
  it("starts from the snapshot and follows whole-state rows", () => {
    const [state, effects] = play([hello(snapshot(10, { agents: [agent()] })), row(11, 10, "agent", "1001", agent({ state: "ringing" })), row(15, 11, "call", "c1", call("c1"))]);
    expect(effects).toEqual(["fresh", "row", "row"]);
    expect(state.seq).toBe(15);
    expect(state.picture.agents["1001"]?.state).toBe("ringing");
    expect(Object.keys(state.picture.calls)).toEqual(["c1"]);
  });

  it("removes what is gone", () => {
    const [state] = play([hello(snapshot(1, { agents: [agent()] })), row(2, 1, "agent", "1001", null)]);
    expect(state.picture.agents).toEqual({});
  });

  it("asks to reopen on a gap and takes nothing more until the next hello", () => {
    const [state, effects] = play([hello(snapshot(10)), row(13, 12, "call", "c1", call("c1")), row(14, 13, "call", "c2", call("c2"))]);
    expect(effects).toEqual(["fresh", "reopen", "none"]);
    expect(state.picture.calls).toEqual({});
    expect(state.seq).toBe(10);
  });

  it("ignores a row it has already", () => {
    const [state, effects] = play([hello(snapshot(10)), row(9, 8, "call", "old", call("old"))]);
    expect(effects[1]).toBe("none");
    expect(state.picture.calls).toEqual({});
  });

  it("waits for a new hello after resync", () => {
    const [state, effects] = play([hello(snapshot(10)), { type: "resync" }, row(11, 10, "call", "c1", call("c1")), hello(snapshot(20, { calls: [call("c9")] }))]);
    expect(effects).toEqual(["fresh", "none", "none", "fresh"]);
    expect(Object.keys(state.picture.calls)).toEqual(["c9"]);
  });

  it("state₀ + rows == the state fetched again", () => {
    const first = snapshot(1, { agents: [agent()], calls: [call("a")] });
    const [state] = play([hello(first), row(2, 1, "call", "b", call("b")), row(3, 2, "call", "a", null), row(4, 3, "agent", "1001", agent({ state: "paused" }))]);
    expect(state.picture).toEqual(pictureOf(snapshot(4, { agents: [agent({ state: "paused" })], calls: [call("b")] })));
  });

  it("keeps its place past topics it does not know", () => {
    const [state, effects] = play([hello(snapshot(1)), row(2, 1, "recorder", "pbx1", {}), row(3, 2, "call", "a", call("a"))]);
    expect(effects).toEqual(["fresh", "row", "row"]);
    expect(state.seq).toBe(3);
  });

  it("reads commands", () => {
    expect(commandOfRow(row(2, 1, "command", "id1", { state: "refused", reason: "agent.seat_taken" }))).toEqual({ id: "id1", state: "refused", reason: "agent.seat_taken" });
    expect(commandOfRow(row(2, 1, "call", "id1", {}))).toBeNull();
  });
});
