/**
 * Asked is not done. A command is pending from the click until a fact of the live picture confirms it or it ends badly.
 * It is never sent twice by this class.
 */

import type { LivePicture } from "./feed";
import { ApiProblem, Unreachable } from "./problem";
import type { Command, CommandState } from "./types";

export interface Asked {
  id: string;
  kind: string;
  /** Which of several it is about: a leg, a number. Two drops of two legs may both be pending. */
  subject: string;
  /** True once the live picture shows what was asked for; null where no picture will: then the server's word is the end. */
  confirmed: ((picture: LivePicture) => boolean) | null;
  /** The server said succeeded; only the fact is still awaited. */
  succeeded: boolean;
}

export interface BadEnd {
  kind: string;
  subject: string;
  state: CommandState;
  reason: string;
  detail: string;
}

export interface CommandApi {
  post(command: { id: string; kind: string; args: Record<string, unknown>; agent_no?: string }): Promise<Command>;
  get(id: string): Promise<Command>;
}

/** A command whose end the feed did not tell is looked up after this long. */
export const LOOK_MS = 3000;
/** Succeeded, and still no fact: the button is set free so that the agent is not stuck behind a lost fact. */
export const FACT_GRACE_MS = 4000;

export class Commands {
  private readonly open = new Map<string, Asked>();

  constructor(
    private readonly api: CommandApi,
    private readonly onChange: (pending: Asked[]) => void,
    private readonly onBadEnd: (end: BadEnd) => void,
    private readonly newId: () => string = () => crypto.randomUUID(),
  ) {}

  /** `agentNo`: whom it is for, where that is somebody else. */
  async ask(kind: string, args: Record<string, unknown>, confirmed: Asked["confirmed"], subject = "", agentNo?: string): Promise<void> {
    const asked: Asked = { id: this.newId(), kind, subject, confirmed, succeeded: false };
    this.open.set(asked.id, asked);
    this.tell();
    try {
      this.heard(await this.api.post({ id: asked.id, kind, args, ...(agentNo && { agent_no: agentNo }) }));
    } catch (error) {
      return this.failed(asked, error);
    }
    if (this.open.has(asked.id)) setTimeout(() => void this.look(asked.id), LOOK_MS);
  }

  /** From the feed or an answer of the API. */
  heard(command: Pick<Command, "id" | "state" | "reason"> & { detail?: string }): void {
    const asked = this.open.get(command.id);
    if (!asked || command.state === "pending" || command.state === "asked") return;
    if (command.state === "succeeded") return this.succeed(asked);
    this.end(asked, { state: command.state, reason: command.reason ?? "", detail: "" });
  }

  /** A new live picture: facts end what they confirm. */
  seen(picture: LivePicture): void {
    const done = [...this.open.values()].filter((a) => a.confirmed?.(picture));
    if (!done.length) return;
    for (const a of done) this.open.delete(a.id);
    this.tell();
  }

  private succeed(asked: Asked): void {
    if (asked.succeeded) return;
    if (!asked.confirmed) return void this.close(asked);
    asked.succeeded = true;
    setTimeout(() => this.close(asked), FACT_GRACE_MS);
  }

  private async look(id: string): Promise<void> {
    if (!this.open.has(id)) return;
    try {
      this.heard(await this.api.get(id));
    } catch {
      // still nobody to ask; the next look or the feed will tell
    }
    if (this.open.has(id)) setTimeout(() => void this.look(id), LOOK_MS);
  }

  private failed(asked: Asked, error: unknown): void {
    const problem = error instanceof ApiProblem ? error : null;
    const state: CommandState = error instanceof Unreachable ? "unknown" : "refused";
    const reason = problem?.code ?? (error instanceof Unreachable ? error.code : "web.bug");
    this.end(asked, { state, reason, detail: problem?.detail ?? "" });
  }

  private end(asked: Asked, end: Omit<BadEnd, "kind" | "subject">): void {
    if (!this.close(asked)) return;
    this.onBadEnd({ kind: asked.kind, subject: asked.subject, ...end });
  }

  private close(asked: Asked): boolean {
    const was = this.open.delete(asked.id);
    if (was) this.tell();
    return was;
  }

  private tell(): void {
    this.onChange([...this.open.values()]);
  }
}
