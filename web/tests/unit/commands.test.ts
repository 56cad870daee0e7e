import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type BadEnd, type CommandApi, Commands, FACT_GRACE_MS, LOOK_MS } from "@/core/commands";
import { emptyPicture, type LivePicture } from "@/core/feed";
import { ApiProblem, Unreachable } from "@/core/problem";
import type { AgentLive, Command } from "@/core/types";

const command = (id: string, state: Command["state"], reason: string | null = null) => ({ id, state, reason, kind: "agent.ready", args: {}, asked_at: "", deadline_at: "" }) as unknown as Command;
const ready: LivePicture = { ...emptyPicture(), agents: { "1001": { agent_no: "1001", state: "ready" } as AgentLive } };
const isReady = (p: LivePicture) => p.agents["1001"]?.state === "ready";

function desk(api: Partial<CommandApi> = {}) {
  const ends: BadEnd[] = [];
  const posted: string[] = [];
  let pending: string[] = [];
  const commands = new Commands(
    { post: async (c) => (posted.push(c.id), command(c.id, "pending")), get: async (id) => command(id, "asked"), ...api },
    (list) => (pending = list.map((a) => a.kind)),
    (end) => ends.push(end),
    () => "id1",
  );
  return { commands, ends, posted, pending: () => pending };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("commands", () => {
  it("are pending from the click until the fact", async () => {
    const d = desk();
    const asked = d.commands.ask("agent.ready", {}, isReady);
    expect(d.pending()).toEqual(["agent.ready"]);
    await asked;
    d.commands.seen(emptyPicture());
    expect(d.pending()).toEqual(["agent.ready"]);
    d.commands.seen(ready);
    expect(d.pending()).toEqual([]);
    expect(d.ends).toEqual([]);
  });

  it("succeeded is not yet the fact, but does not hold the button for ever", async () => {
    const d = desk();
    await d.commands.ask("agent.ready", {}, isReady);
    d.commands.heard(command("id1", "succeeded"));
    expect(d.pending()).toEqual(["agent.ready"]);
    vi.advanceTimersByTime(FACT_GRACE_MS);
    expect(d.pending()).toEqual([]);
  });

  it.each(["refused", "failed", "expired", "unknown"] as const)("%s is said, once, and frees the button", async (state) => {
    const d = desk();
    await d.commands.ask("agent.ready", {}, isReady);
    d.commands.heard(command("id1", state, "pbx.unavailable"));
    d.commands.heard(command("id1", state, "pbx.unavailable"));
    expect(d.ends).toEqual([{ kind: "agent.ready", subject: "", state, reason: "pbx.unavailable", detail: "" }]);
    expect(d.pending()).toEqual([]);
  });

  it("that no picture can confirm end with the server's word", async () => {
    const d = desk();
    await d.commands.ask("call.abuse_warn", { call_id: "c" }, null);
    d.commands.seen(ready);
    expect(d.pending()).toEqual(["call.abuse_warn"]);
    d.commands.heard(command("id1", "succeeded"));
    expect(d.pending()).toEqual([]);
  });

  it("say which leg they were about", async () => {
    const d = desk();
    await d.commands.ask("call.drop", { call_id: "c", leg: "1.2" }, () => false, "1.2");
    d.commands.heard(command("id1", "failed", "call.leg_not_found"));
    expect(d.ends[0]).toMatchObject({ kind: "call.drop", subject: "1.2", reason: "call.leg_not_found" });
  });

  it("are looked up when the feed tells nothing", async () => {
    const d = desk({ get: async (id) => command(id, "refused", "agent.seat_taken") });
    await d.commands.ask("agent.sign_in", {}, () => false);
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect(d.ends[0]?.reason).toBe("agent.seat_taken");
  });

  it("without an answer nobody can tell, and nothing is sent twice", async () => {
    const posts: string[] = [];
    const d = desk({ post: async (c) => { posts.push(c.id); throw new Unreachable("gone"); } });
    await d.commands.ask("agent.pause", {}, () => false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(d.ends[0]).toMatchObject({ state: "unknown", reason: "web.unreachable" });
    expect(posts).toEqual(["id1"]);
  });

  it("carry the server's own sentence", async () => {
    const d = desk({ post: async () => { throw new ApiProblem(409, "call.not_yours", "不是您的通话。"); } });
    await d.commands.ask("call.hangup", {}, () => false);
    expect(d.ends[0]).toMatchObject({ state: "refused", reason: "call.not_yours", detail: "不是您的通话。" });
  });
});
