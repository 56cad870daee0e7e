import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoff } from "@/core/backoff";
import { FeedSocket, type Link, SILENCE_MS } from "@/core/feedSocket";

class Wire {
  static all: Wire[] = [];
  readyState = 1;
  sent: string[] = [];
  onmessage: ((e: { data: string }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {
    Wire.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const T = "2026-11-23T01:00:00Z";
const hello = (seq: number, more = {}) => ({ type: "hello", seq, server_time: T, snapshot: { seq, server_time: T, agents: [], calls: [], queues: [], trunks: [], nodes: [] }, ...more });
const last = () => Wire.all.at(-1)!;

function open() {
  const links: Link[] = [];
  const rows: string[] = [];
  const heard: unknown[] = [];
  const socket = new FeedSocket(
    (after) => `ws://x/feed?after=${after}`,
    { onLink: (l) => links.push(l), onState: () => {}, onRow: (r) => rows.push(r.key), onServerTime: () => {}, onPhoneOwner: (o) => heard.push(o), onFeedAway: (s) => heard.push(s), onSessionEnded: () => heard.push("over") },
    backoff(1000, 8000, () => 0.5),
    (url) => new Wire(url) as unknown as WebSocket,
  );
  socket.start();
  return { socket, links, rows, heard };
}

beforeEach(() => {
  Wire.all = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe("the feed's socket", () => {
  it("comes back with growing patience and says where it was", () => {
    const { links } = open();
    last().say(hello(7));
    last().drop();
    vi.advanceTimersByTime(999);
    expect(Wire.all).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(last().url).toBe("ws://x/feed?after=7");
    last().drop();
    vi.advanceTimersByTime(1999);
    expect(Wire.all).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(Wire.all).toHaveLength(3);
    expect(links).toEqual(["connecting", "open", "lost", "connecting", "lost", "connecting"]);
  });

  it("takes a list of messages in order, and nothing of it after one that ended the socket", () => {
    const { rows, links } = open();
    const row = (seq: number, prev: number) => ({ type: "row", seq, prev, topic: "call", key: `c${seq}`, body: null, at: T });
    last().say(hello(1));
    last().say([row(2, 1), { type: "ping", server_time: T }, row(5, 2)]);
    expect(rows).toEqual(["c2", "c5"]);
    expect(last().sent).toEqual(['{"type":"pong"}']);
    last().say([row(6, 5), row(9, 8), hello(20), row(21, 20)]);
    expect(rows).toEqual(["c2", "c5", "c6"]);
    expect(links.at(-1)).toBe("lost");
  });

  it("notices a line that is open and silent", () => {
    const { links } = open();
    last().say(hello(1));
    vi.advanceTimersByTime(SILENCE_MS - 1);
    last().say({ type: "ping", server_time: T });
    vi.advanceTimersByTime(SILENCE_MS - 1);
    expect(links.at(-1)).toBe("open");
    vi.advanceTimersByTime(1);
    expect(links.at(-1)).toBe("lost");
  });

  it("answers a ping and passes on that the server is cut off", () => {
    const { heard } = open();
    last().say({ type: "ping", server_time: T, feed: "away", feed_since: "2026-11-23T00:59:00Z" });
    expect(last().sent).toEqual(['{"type":"pong"}']);
    expect(heard).toEqual(["2026-11-23T00:59:00Z"]);
  });

  it("reopens at once on a gap", () => {
    open();
    last().say(hello(5));
    last().say({ type: "row", seq: 9, prev: 8, topic: "call", key: "c", body: null });
    vi.advanceTimersByTime(0);
    expect(Wire.all).toHaveLength(2);
  });

  it("tells rows, those that were missed first", () => {
    const { rows } = open();
    last().say(hello(5, { missed: [{ type: "row", seq: 4, prev: 3, topic: "command", key: "missed", body: {} }] }));
    last().say({ type: "row", seq: 6, prev: 5, topic: "case", key: "case1", body: {} });
    expect(rows).toEqual(["missed", "case1"]);
  });

  it("hurries when the network is back, and stays down when stopped", () => {
    const { socket } = open();
    last().drop();
    socket.hurry();
    expect(Wire.all).toHaveLength(2);
    socket.stop();
    vi.advanceTimersByTime(60_000);
    expect(Wire.all).toHaveLength(2);
    expect(socket.send({ type: "pong" })).toBe(false);
  });

  it("does not listen to a socket it gave up", () => {
    const { rows } = open();
    const old = last();
    old.say(hello(1));
    old.drop();
    vi.advanceTimersByTime(1000);
    old.say({ type: "row", seq: 2, prev: 1, topic: "case", key: "ghost", body: {} });
    expect(rows).toEqual([]);
  });

  it("survives half a message", () => {
    const { links } = open();
    last().onmessage?.({ data: '{"type":"hel' });
    last().say(hello(1));
    expect(links.at(-1)).toBe("open");
  });

  it("tells that the session is over, and no other end for it", () => {
    const { heard } = open();
    last().drop();
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(20_000);
    last().drop(4401);
    expect(heard).toEqual(["over"]);
  });
});
