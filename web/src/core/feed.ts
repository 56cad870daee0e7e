/**
 * What the feed's messages mean: a pure machine from (state, message) to (state, live picture, effect).
 *
 *   waiting ──hello──▶ following ──row(prev = seq)──▶ following
 *                        │ row(prev ≠ seq) → gap: reopen      ──▶ waiting
 *                        │ resync                             ──▶ waiting (a new hello follows on the same socket)
 *
 * The server stamps every row with the seq it sent before on this socket, so a gap cannot hide. No I/O and no clock here.
 */

import type { AgentLive, CallLive, Command, EarsLive, DayLive, FeedMessage, FeedRow, NodeLive, QueueLive, RecorderLive, Snapshot, TrunkLive } from "./types";

export interface LivePicture {
  agents: Record<string, AgentLive>;
  calls: Record<string, CallLive>;
  queues: Record<string, QueueLive>;
  trunks: Record<string, TrunkLive>;
  nodes: Record<string, NodeLive>;
  /** Who listens to a call, by its id. */
  ears: Record<string, EarsLive>;
  recorders: Record<string, RecorderLive>;
  /** By queue; "*" is all of them together. Empty for who may not see the floor. */
  days: Record<string, DayLive>;
}

export const emptyPicture = (): LivePicture => ({ agents: {}, calls: {}, queues: {}, trunks: {}, nodes: {}, ears: {}, recorders: {}, days: {} });

export type { FeedMessage, FeedRow };

export interface FeedState {
  phase: "waiting" | "following";
  seq: number;
  picture: LivePicture;
}

export const initialFeed = (): FeedState => ({ phase: "waiting", seq: 0, picture: emptyPicture() });

/** What the thin side must do after a message. */
export type FeedEffect = "none" | "reopen" | "fresh" | "row";

const TABLES: Record<string, keyof LivePicture> = {
  agent: "agents",
  call: "calls",
  queue: "queues",
  trunk: "trunks",
  node: "nodes",
  ears: "ears",
  recorder: "recorders",
  day: "days",
};

const byKey = <T>(items: T[] | undefined, key: (item: T) => string): Record<string, T> =>
  Object.fromEntries((items ?? []).map((item) => [key(item), item]));

export function pictureOf(s: Snapshot): LivePicture {
  return {
    agents: byKey(s.agents, (a) => a.agent_no),
    calls: byKey(s.calls, (c) => c.call_id),
    queues: byKey(s.queues, (q) => q.queue),
    trunks: byKey(s.trunks, (t) => t.endpoint),
    nodes: byKey(s.nodes, (n) => n.node),
    ears: byKey(s.ears, (e) => e.call_id),
    recorders: byKey(s.recorders, (r) => r.node),
    days: byKey(s.days, (d) => d.queue),
  };
}

/** Bodies are whole states, so a row replaces its key and `null` removes it. */
export function applyRow(picture: LivePicture, row: FeedRow): LivePicture {
  const table = TABLES[row.topic];
  if (!table) return picture;
  const next: Record<string, unknown> = { ...picture[table] };
  if (row.body === null) delete next[row.key];
  else next[row.key] = row.body;
  return { ...picture, [table]: next };
}

export function step(state: FeedState, message: FeedMessage): [FeedState, FeedEffect] {
  switch (message.type) {
    case "hello":
      return [{ phase: "following", seq: message.seq, picture: pictureOf(message.snapshot) }, "fresh"];
    case "row":
      return stepRow(state, message);
    case "resync":
      return [{ ...state, phase: "waiting" }, "none"];
    default:
      return [state, "none"];
  }
}

function stepRow(state: FeedState, row: FeedRow): [FeedState, FeedEffect] {
  if (state.phase === "waiting") return [state, "none"]; // the hello that follows will contain it
  if (row.seq <= state.seq) return [state, "none"]; // seen already: harmless
  if (row.prev !== state.seq) return [{ ...state, phase: "waiting" }, "reopen"];
  if (row.topic === "resync") return [{ ...state, phase: "waiting", seq: row.seq }, "reopen"];
  return [{ ...state, seq: row.seq, picture: applyRow(state.picture, row) }, "row"];
}

/** A command as the feed tells it (its id is called command_id there). */
export function commandOfRow(row: FeedRow): Pick<Command, "id" | "state" | "reason"> | null {
  if (row.topic !== "command" || !row.body) return null;
  return { id: row.key, state: row.body.state as Command["state"], reason: (row.body.reason as string | null) ?? null };
}
