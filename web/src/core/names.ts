/**
 * When the names of the agents are read: at once, again after a hello, and for a number that has none. A thousand screens
 * have the same hello and see the same stranger in one moment, so each waits a random while, and reads no more often than
 * every half minute. Without an answer it asks again with growing patience.
 */

import { backoff } from "./backoff";
import type { Person } from "./types";

export const SPREAD_MS = 10_000;
export const EVERY_MS = 30_000;
const RETRY_MS = [2_000, 60_000] as const;

export interface NamesHandlers {
  read(): Promise<Person[]>;
  told(people: Person[]): void;
  /** Once until there is an answer again. */
  failed(error: unknown): void;
}

export class Names {
  private running = false;
  private reading = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = Infinity;
  private readAt = -Infinity;
  /** Null: there was no answer yet. */
  private known: Set<string> | null = null;
  /** Numbers that were asked for since the last hello: who has no account has no name, and is not asked for again. */
  private readonly asked = new Set<string>();
  private here: readonly string[] = [];
  private readonly patience;

  constructor(private readonly handlers: NamesHandlers, private readonly random: () => number = Math.random) {
    this.patience = backoff(...RETRY_MS, random);
  }

  start(): void {
    this.running = true;
    void this.read();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
    this.due = Infinity;
  }

  hello(): void {
    this.asked.clear();
    this.soon();
  }

  /** Who is signed in now. */
  seen(numbers: readonly string[]): void {
    this.here = numbers;
    const strangers = this.known ? numbers.filter((no) => !this.known!.has(no) && !this.asked.has(no)) : [];
    if (!this.running || !strangers.length) return;
    strangers.forEach((no) => this.asked.add(no));
    this.soon();
  }

  private soon(): void {
    this.plan(Math.max(this.random() * SPREAD_MS, this.readAt + EVERY_MS - Date.now()));
  }

  private plan(after_ms: number): void {
    const due = Date.now() + after_ms;
    if (!this.running || due >= this.due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => void this.read(), after_ms);
  }

  private async read(): Promise<void> {
    clearTimeout(this.timer);
    this.due = Infinity;
    if (this.reading) return;
    this.reading = true;
    this.readAt = Date.now();
    try {
      const people = await this.handlers.read();
      this.known = new Set(people.map((p) => p.agent_no));
      this.patience.reset();
      this.handlers.told(people);
    } catch (error) {
      if (this.patience.attempts === 0) this.handlers.failed(error);
      this.plan(this.patience.next());
    } finally {
      this.reading = false;
    }
    this.seen(this.here);
  }
}
