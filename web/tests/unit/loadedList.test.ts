// @vitest-environment jsdom
import { flushPromises } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import { LoadedList } from "@/core/loadedList";
import type { Account, Danger, Hand, Message } from "@/core/types";
import { useDanger } from "@/stores/danger";
import { useHands } from "@/stores/hands";
import { useLive } from "@/stores/live";
import { useMessages } from "@/stores/messages";
import { useSession } from "@/stores/session";

const AT = "2026-11-23T01:05:00Z";
const hand = (more: Partial<Hand> = {}): Hand => ({ id: "h1", agent_no: "1001", agent_name: "张三", reason: "language", call_id: null, raised_at: AT, answered_at: null, answered_by: null, ended_at: null, ended_by: null, ...more });
const danger = (more: Partial<Danger> = {}): Danger => ({
  id: "d1", call_id: "c1", case_id: null, agent_no: "1001", agent_name: "张三", number: "13912345678", number_display: "139 1234 5678", place: "", last_words: "",
  raised_at: AT, acknowledged_at: null, acknowledged_by: null, callbacks: 0, callbacks_most: 3, state: "open", ended_at: null, ...more,
});
const words = (more: Partial<Message> = {}): Message => ({ id: "m1", at: AT, by: "Boss", to_agent: null, text: "开会", command: null, reason: null, ...more });

/** The feed's line, as the browser has it. */
class Line {
  static newest: Line;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  readyState = 1;
  seq = 10;
  constructor() {
    Line.newest = this;
  }
  send(): void {}
  close(): void {}
  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  /** `missed`: rows that this screen did not hear while it was away. */
  hello(...missed: object[]): void {
    this.says({ type: "hello", seq: this.seq, server_time: AT, snapshot: { seq: this.seq, server_time: AT }, missed, complete: true });
  }
  row(topic: string, key: string, body: object | null): void {
    const prev = this.seq++;
    this.says({ type: "row", prev, seq: this.seq, topic, key, at: AT, body });
  }
}

/** Each request waits until it is answered, in whatever order. */
const asked: { what: string; answer: (body: unknown, status?: number) => Promise<void> }[] = [];
const open = (what: string) => {
  const at = asked.findIndex((a) => a.what === what);
  expect(at, `${what} is asked: ${asked.map((a) => a.what).join(", ")}`).toBeGreaterThanOrEqual(0);
  return asked.splice(at, 1)[0]!;
};

/** Stores of this test alone: a late action of another one may have made another pinia the active one. */
async function desk(account: Partial<Account>) {
  const pinia = createPinia();
  setActivePinia(pinia);
  const session = useSession(pinia);
  session.account = { id: "a", ...account } as Account;
  await nextTick();
  const live = useLive(pinia);
  const stores = { live, hands: useHands(pinia), danger: useDanger(pinia), messages: useMessages(pinia), session };
  live.start();
  await flushPromises();
  started.push(live);
  return stores;
}
const started: ReturnType<typeof useLive>[] = [];

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal("WebSocket", Line);
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) =>
    new Promise<Response>((done) => {
      const what = `${init?.method ?? "GET"} ${url.replace("/api/v1", "")}`;
      asked.push({
        what,
        answer: async (body, status = 200) => {
          done(status === 204 ? new Response(null, { status }) : Response.json(body, { status }));
          await flushPromises();
        },
      });
    }));
});
afterEach(() => {
  started.splice(0).forEach((live) => live.stop());
  vi.unstubAllGlobals();
});

/** What is on its way when the hello comes, and the newest of two questions. */
async function hello(...missed: object[]): Promise<void> {
  Line.newest.hello(...missed);
  await flushPromises();
}

const BOSS: Partial<Account> = { agent_no: "1009", role: "supervisor" };
const AGENT: Partial<Account> = { agent_no: "1001", role: "agent" };

describe("raised hands", () => {
  it("one that goes up while the list is on its way stays", async () => {
    const { hands } = await desk(BOSS);
    await hello();
    Line.newest.row("hand", "h1", hand());
    await open("GET /hands").answer({ items: [hand({ id: "h0", agent_no: "1002" })] });
    expect(hands.up.map((h) => h.id)).toEqual(["h0", "h1"]);
  });
  it("one that was lowered here does not come back with an older list", async () => {
    const { hands } = await desk(BOSS);
    await hello();
    await open("GET /hands").answer({ items: [hand()] });
    await hello();
    const lowering = hands.lower("h1");
    await open("POST /hands/h1/lower").answer(hand({ ended_at: AT, ended_by: "boss" }));
    await lowering;
    expect(hands.up).toEqual([]);
    await open("GET /hands").answer({ items: [hand()] });
    expect(hands.up).toEqual([]);
  });
  it("only the newest question counts", async () => {
    const { hands } = await desk(BOSS);
    await hello();
    const older = open("GET /hands");
    await hello();
    await open("GET /hands").answer({ items: [] });
    await older.answer({ items: [hand()] });
    expect(hands.up).toEqual([]);
  });
  it("a key without a body is a hand that is down", async () => {
    const { hands } = await desk(BOSS);
    await hello();
    await open("GET /hands").answer({ items: [hand(), hand({ id: "h2", agent_no: "1002" })] });
    Line.newest.row("hand", "h1", null);
    expect(hands.up.map((h) => h.id)).toEqual(["h2"]);
    Line.newest.row("hand", "h9", null);
    expect(hands.up.map((h) => h.id)).toEqual(["h2"]);
  });
  it("of the one who sat here before come with no late answer", async () => {
    const { hands, session } = await desk(BOSS);
    await hello();
    session.account = { id: "b", ...AGENT } as Account;
    await nextTick();
    await open("GET /hands").answer({ items: [hand({ agent_no: "1002" })] });
    expect(hands.up).toEqual([]);
  });
});

describe("danger calls", () => {
  it("one that is raised while the list is on its way stays", async () => {
    const { danger: store } = await desk(BOSS);
    await hello();
    Line.newest.row("danger", "d1", danger());
    await open("GET /danger?open=1").answer({ items: [] });
    expect(store.unseen.map((d) => d.id)).toEqual(["d1"]);
  });
  it("one that was acknowledged here is not unseen again with an older list", async () => {
    const { danger: store } = await desk(BOSS);
    await hello();
    await open("GET /danger?open=1").answer({ items: [danger()] });
    await hello();
    const acknowledging = store.acknowledge("d1");
    await open("POST /danger/d1/acknowledge").answer(danger({ acknowledged_at: AT, acknowledged_by: "boss" }));
    await acknowledging;
    await open("GET /danger?open=1").answer({ items: [danger()] });
    expect([store.unseen.length, store.followed.length]).toEqual([0, 1]);
  });
  it("an agent has a panel of the own one, and no list", async () => {
    const { danger: store, live } = await desk(AGENT);
    await hello();
    live.picture = { ...live.picture, calls: { c1: { call_id: "c1", state: "talking", agent_no: "1001", ringing: [], parties: [] } as never }, agents: { "1001": { agent_no: "1001", call_id: "c1" } as never } };
    await nextTick();
    await open("GET /danger?open=1").answer({ items: [danger()] });
    expect([store.mine?.danger?.id, store.open]).toEqual(["d1", []]);
  });
});

describe("words", () => {
  it("what is said while the list is on its way stays, once", async () => {
    const { messages } = await desk(AGENT);
    await hello();
    Line.newest.row("message", "m1", words());
    Line.newest.row("message", "m2", words({ id: "m2" }));
    await open("GET /messages").answer({ items: [words()] });
    expect(messages.unread.map((m) => m.id)).toEqual(["m1", "m2"]);
  });
  it("what was read does not come back with an older list", async () => {
    const { messages } = await desk(AGENT);
    await hello();
    await open("GET /messages").answer({ items: [words()] });
    const reading = messages.read("m1");
    await hello(); // asked after the key, answered before the server has it
    await open("GET /messages").answer({ items: [words()] });
    expect(messages.unread).toEqual([]);
    await open("POST /messages/m1/read").answer(null, 204);
    await reading;
    expect(messages.unread).toEqual([]);
  });
  it("what could not be marked as read comes back", async () => {
    const { messages } = await desk(AGENT);
    await hello();
    await open("GET /messages").answer({ items: [words()] });
    const reading = messages.read("m1");
    await open("POST /messages/m1/read").answer({ code: "database.away", detail: "" }, 503);
    await reading;
    await flushPromises();
    await open("GET /messages").answer({ items: [words()] });
    expect(messages.unread.map((m) => m.id)).toEqual(["m1"]);
  });
  it("rows that a hello brings along are older than the list that it leads to", async () => {
    const { messages } = await desk(AGENT);
    await hello({ type: "row", prev: 0, seq: 9, topic: "message", key: "m1", at: AT, body: words() });
    await open("GET /messages").answer({ items: [] }); // read at another page meanwhile
    expect(messages.unread).toEqual([]);
  });
});

describe("a loaded list", () => {
  const over = (start: number[] = []) => {
    const box = { list: start };
    return { box, list: new LoadedList<number>(() => box.list, (l) => (box.list = l)) };
  };
  const add = (n: number) => (list: readonly number[]): number[] => [...list, n];

  it("tells the failure of the newest question alone, and keeps what it had", async () => {
    const { box, list } = over([1]);
    let fail = (): void => {};
    const old = list.load(() => new Promise((_, no) => (fail = () => no(new Error("old")))));
    await Promise.resolve();
    const newest = list.load(() => Promise.reject(new Error("newest")));
    fail();
    expect(await old).toBeNull();
    await expect(newest).rejects.toThrow("newest");
    list.change(add(2));
    expect(box.list).toEqual([1, 2]);
  });
  it("puts nothing over a later answer that was heard before its question", async () => {
    const { box, list } = over();
    list.change(add(1));
    expect(await list.load(() => Promise.resolve([5]))).toEqual([5]);
    list.change(add(2));
    await list.load(() => Promise.resolve([6]));
    expect(box.list).toEqual([6]);
  });
  it("puts nothing over it either that was heard while an older question was on its way", async () => {
    const { box, list } = over();
    const older = list.load(() => new Promise<number[]>(() => {}));
    await Promise.resolve();
    list.change(add(1));
    await list.load(() => Promise.resolve([5]));
    expect(box.list).toEqual([5]);
    void older;
  });
  it("asked twice at once asks once", async () => {
    const { box, list } = over();
    const questions: string[] = [];
    const ask = (name: string) => () => (questions.push(name), Promise.resolve([7]));
    expect(await Promise.all([list.load(ask("first")), list.load(ask("second"))])).toEqual([null, [7]]);
    expect([questions, box.list]).toEqual([["second"], [7]]);
  });
});
