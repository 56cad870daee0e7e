/** The feed's WebSocket: opens, watches for silence, comes back with patience. What messages mean is decided in feed.ts. */

import { backoff, type Backoff } from "./backoff";
import { type FeedEffect, type FeedMessage, type FeedRow, type FeedState, initialFeed, step } from "./feed";

/** The server pings every 5 s; two missed and a bit means the line is dead though the socket looks open. */
export const SILENCE_MS = 12_000;
/** The server closes so when the session is over: signed out elsewhere, expired, locked. */
const SESSION_ENDED = 4401;

export type Link = "connecting" | "open" | "lost";

export interface FeedHandlers {
  onLink(link: Link): void;
  onState(state: FeedState, effect: FeedEffect): void;
  onRow(row: FeedRow): void;
  onServerTime(iso: string): void;
  /** Which of this agent's pages has the telephone now; null: none. */
  onPhoneOwner?(owner: string | null): void;
  /** The server itself is cut off from its database since then; null: it is not. */
  onFeedAway?(since: string | null): void;
  onSessionEnded?(): void;
}

export class FeedSocket {
  private state: FeedState = initialFeed();
  private socket: WebSocket | null = null;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private stopped = true;

  constructor(
    private readonly url: (after: number) => string,
    private readonly handlers: FeedHandlers,
    private readonly wait: Backoff = backoff(),
    private readonly make: (url: string) => WebSocket = (url) => new WebSocket(url),
  ) {}

  start(): void {
    this.stopped = false;
    this.open();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retry);
    this.drop();
  }

  /** Comes back at once instead of waiting, for example when the network returned. */
  hurry(): void {
    if (this.stopped || this.socket) return;
    clearTimeout(this.retry);
    this.wait.reset();
    this.open();
  }

  /** False when nothing could be sent; the caller says it again after the next hello. */
  send(message: object): boolean {
    if (this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private open(): void {
    this.handlers.onLink("connecting");
    const socket = this.make(this.url(this.state.seq));
    this.socket = socket;
    this.feedWatchdog();
    socket.onmessage = (event) => this.socket === socket && this.take(socket, String(event.data));
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.lost();
      if (event?.code === SESSION_ENDED) this.handlers.onSessionEnded?.();
    };
    socket.onerror = () => {}; // onclose follows and decides
  }

  /** A message, or a list of them in order. One of them may end this socket. */
  private take(socket: WebSocket, text: string): void {
    this.feedWatchdog();
    for (const message of parse(text)) if (this.socket === socket) this.hear(message);
  }

  private hear(message: FeedMessage): void {
    if ("server_time" in message) this.handlers.onServerTime(message.server_time);
    if (message.type === "ping") {
      this.handlers.onFeedAway?.(message.feed === "away" ? (message.feed_since ?? message.server_time) : null);
      return void this.send({ type: "pong" });
    }
    if (message.type === "phone") return this.handlers.onPhoneOwner?.(message.owner);
    const [state, effect] = step(this.state, message);
    this.state = state;
    if (effect === "reopen") return this.lost(true);
    if (effect === "fresh") {
      this.wait.reset();
      this.handlers.onLink("open");
    }
    this.handlers.onState(state, effect);
    if (message.type === "hello") for (const row of message.missed ?? []) this.handlers.onRow(row);
    if (message.type === "row" && effect === "row") this.handlers.onRow(message);
  }

  private lost(atOnce = false): void {
    this.drop();
    if (this.stopped) return;
    this.state = { ...this.state, phase: "waiting" };
    this.handlers.onLink("lost");
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.open(), atOnce ? 0 : this.wait.next());
  }

  private drop(): void {
    clearTimeout(this.watchdog);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private feedWatchdog(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lost(), SILENCE_MS);
  }
}

function parse(text: string): FeedMessage[] {
  try {
    const told = JSON.parse(text) as FeedMessage | FeedMessage[];
    return Array.isArray(told) ? told : [told];
  } catch {
    return []; // a half message is a gap, and the next row will show it
  }
}
