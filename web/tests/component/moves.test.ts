// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import CallEnd from "@/components/CallEnd.vue";
import CallRoster from "@/components/CallRoster.vue";
import ConsultBar from "@/components/ConsultBar.vue";
import DangerButton from "@/components/DangerButton.vue";
import FlagBadge from "@/components/FlagBadge.vue";
import RecordPaused from "@/components/RecordPaused.vue";
import TargetPicker from "@/components/TargetPicker.vue";
import TargetRowItem from "@/components/TargetRowItem.vue";
import { useDangerGuard } from "@/composables/useDanger";
import { HOLD_MS } from "@/core/guardedKey";
import { rowOf } from "@/core/targets";
import type { Account, CallLive, Party, TargetHit } from "@/core/types";
import { useLive } from "@/stores/live";
import { useSession } from "@/stores/session";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
const party = (leg: string, kind: Party["kind"], state: Party["state"], more: Partial<Party> = {}): Party => ({ leg, kind, state, number: leg, since: new Date().toISOString(), agent_no: null, muted: false, cause: null, ...more });
const me = (state: Party["state"]) => party("a", "seat", state, { agent_no: "1001", number: "8001" });
const call = (parties: Party[], more: Partial<CallLive> = {}): CallLive => ({ call_id: "c1", state: "talking", agent_no: "1001", caller: "139", called: "12345", ringing: [], room: true, direction: "inbound", parties, ...more }) as unknown as CallLive;

const posted: { kind: string; args: Record<string, unknown> }[] = [];
/** The server takes every command, and knows nobody in the address book. */
const answers = (init?: RequestInit): Response => {
  if (init?.method === "POST") {
    posted.push(JSON.parse(String(init.body)) as (typeof posted)[number]);
    return Response.json({ ...(posted.at(-1) as object), state: "pending", reason: null, asked_at: "", deadline_at: "" }, { status: 202 });
  }
  return Response.json({ items: [] });
};
function floor(now: CallLive): void {
  useSession().account = { agent_no: "1001", role: "agent", police_number: "110" } as Account;
  const live = useLive();
  live.picture = { ...live.picture, calls: { c1: now } };
}

beforeEach(() => {
  posted.length = 0;
  vi.stubGlobal("fetch", (_url: string, init?: RequestInit) => Promise.resolve(answers(init)));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the roster", () => {
  const parties = [party("c", "citizen", "joined"), me("joined"), party("x", "outside", "joined", { number: "053186660101", muted: true }), party("y", "outside", "busy", { number: "053186660202" })];
  const shown = async () => {
    const w = show(CallRoster, { call: call(parties) });
    floor(call(parties));
    await nextTick();
    return w;
  };

  it("names everybody, also who did not come, in words", async () => {
    const w = await shown();
    expect(w.findAll(byId("roster-leg")).map((l) => [l.attributes("data-number"), l.attributes("data-state")])).toEqual([["c", "joined"], ["8001", "joined"], ["053186660101", "joined"], ["053186660202", "busy"]]);
    expect(w.text()).toContain("来电人");
    expect(w.findAll(byId("roster-leg"))[3]!.text()).toContain("忙线");
    expect(w.get(byId("roster")).attributes("data-count")).toBe("3");
  });

  it("every button says whom it is for", async () => {
    const w = await shown();
    for (const b of w.findAll("button")) expect(b.attributes("aria-label")).toMatch(/来电人|我|0531 8666/);
  });

  it("a drop is asked once, and is pending until the roster shows it", async () => {
    const w = await shown();
    const leg = () => w.findAll(byId("roster-leg"))[2]!;
    await leg().get(byId("roster-drop")).trigger("click");
    await leg().get(byId("roster-drop")).trigger("click");
    await flushPromises();
    expect(posted).toEqual([expect.objectContaining({ kind: "call.drop", args: { call_id: "c1", leg: "x" } })]);
    expect(leg().get(byId("roster-drop")).attributes("data-state")).toBe("pending");
  });

  it("whoever did not come is called again as a new leg", async () => {
    const w = await shown();
    await w.get(byId("roster-redial")).trigger("click");
    await flushPromises();
    expect(posted[0]).toMatchObject({ kind: "call.add", args: { call_id: "c1", target: { kind: "number", value: "053186660202" } } });
  });

  it("a guest looks on", async () => {
    const w = show(CallRoster, { call: call(parties, { agent_no: "1002" }) });
    floor(call(parties, { agent_no: "1002" }));
    await nextTick();
    expect(w.findAll("button")).toHaveLength(0);
  });
});

describe("the consultation", () => {
  const asking = call([party("c", "citizen", "aside"), me("consulting"), party("x", "outside", "ringing")]);
  const talking = call([party("c", "citizen", "aside"), me("consulting"), party("x", "outside", "consulting")]);

  it("can only be cancelled while it rings", async () => {
    const w = show(ConsultBar);
    floor(asking);
    await nextTick();
    expect(w.get(byId("consult-panel")).attributes("data-state")).toBe("asking");
    expect(["swap", "complete", "merge", "cancel"].map((s) => w.get(byId(`consult-${s}`)).attributes("data-state"))).toEqual(["disabled", "disabled", "disabled", "idle"]);
  });

  it("a digit chooses while the bar has the focus", async () => {
    const w = show(ConsultBar);
    floor(talking);
    await nextTick();
    await w.get(byId("consult-bar")).trigger("keydown", { key: "2" });
    await flushPromises();
    expect(posted).toEqual([expect.objectContaining({ kind: "call.consult_complete", args: { call_id: "c1" } })]);
    expect(w.get(byId("consult-complete")).attributes("data-state")).toBe("pending");
  });

  it("left behind by the target, the way back is in sight", async () => {
    const w = show(ConsultBar);
    floor(call([party("c", "citizen", "aside"), me("consulting"), party("x", "outside", "busy")]));
    await nextTick();
    expect(w.get(byId("consult-panel")).attributes("data-state")).toBe("alone");
    await w.get(byId("consult-cancel")).trigger("click");
    await flushPromises();
    expect(posted[0]!.kind).toBe("call.consult_cancel");
  });

  it("is nowhere when there is none", () => {
    const w = show(ConsultBar);
    floor(call([party("c", "citizen", "joined"), me("joined")]));
    expect(w.find(byId("consult-panel")).exists()).toBe(false);
  });
});

describe("the danger key on the screen", () => {
  const { guard, feel } = useDangerGuard();
  afterEach(() => {
    feel("up");
    feel("blur");
  });

  it("says what to do, and shows the first strike", async () => {
    const w = show(DangerButton);
    expect(w.get("button").attributes("aria-label")).toContain("按住一秒或连按两次");
    await w.get("button").trigger("keydown", { key: "Enter" });
    await w.get("button").trigger("keyup", { key: "Enter" });
    expect(w.get("button").attributes("data-state")).toBe("armed");
    expect(w.get("[role=status]").text()).toContain("再按一次");
  });

  it("fires when held with the mouse, not when the pointer slips off", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    const w = show(DangerButton);
    await w.get("button").trigger("pointerdown");
    await w.get("button").trigger("pointerleave");
    vi.advanceTimersByTime(HOLD_MS + 200);
    expect(guard.value.phase).toBe("idle");
    await w.get("button").trigger("pointerdown");
    vi.advanceTimersByTime(HOLD_MS + 200);
    expect(guard.value.phase).toBe("spent");
  });
});

describe("what cannot be overlooked", () => {
  it("a paused recording, with when it goes on by itself", async () => {
    const w = show(RecordPaused);
    floor(call([], { parties: [party("c", "citizen", "joined"), me("joined")], recording_paused_since: new Date().toISOString() }));
    await nextTick();
    expect(w.get(byId("record-paused")).attributes("role")).toBe("alert");
    expect(w.text()).toMatch(/录音已暂停.*(02:00|01:59) 后自动恢复/s);
  });
  it("a flag, before answering: why and until when", () => {
    const flag = { id: "f", number: "139", number_display: "139", flag: "patient", tone: "harassing", reason: "一夜四十次", by: "zhang", reviewer: "li", created_at: "2026-11-20T01:00:00Z", expires_at: "2026-11-30T01:00:00Z", active: true };
    expect(show(FlagBadge, { flag }).text()).toMatch(/反复骚扰.*一夜四十次.*排在最后.*到期/s);
  });
});

describe("how it ended", () => {
  it("who hung up is said in words, and what the citizen pressed", () => {
    const w = show(CallEnd, { hungUpBy: "outside", satisfaction: 3 });
    expect(w.text()).toContain("被叫单位挂断");
    expect(w.get(byId("satisfaction")).text()).toBe("不满意");
  });
  it("nothing where nothing is known", () => expect(show(CallEnd, { hungUpBy: "unknown-word" }).text()).toBe(""));
});

describe("a row of the picker", () => {
  const hit = { kind: "agency", id: "n", agency_id: "a", name: "市城管局", label: "夜间值班", number: "053186660101", initials: "scgj", on_duty: true, refusals_30d: 3 } as TargetHit;
  it("says duty and refusals", () => {
    const w = show(TargetRowItem, { row: rowOf(hit), current: true, picked: false });
    expect(w.get(byId("target-duty")).attributes("data-state")).toBe("on");
    expect(w.get(byId("target-refusals")).text()).toBe("30 天内拒接 3 次");
  });
});

describe("the picker", () => {
  it("never acts on a row of before: a key pressed too early waits for what was typed", async () => {
    const hit = (id: string, name: string): TargetHit => ({ kind: "agency", id, agency_id: id, name, label: null, number: `05318666010${id}`, initials: name, on_duty: true, refusals_30d: 0 }) as unknown as TargetHit;
    let answer: (r: Response) => void = () => {};
    vi.stubGlobal("fetch", (url: string, init?: RequestInit) => {
      if (init?.method === "POST") return Promise.resolve(answers(init));
      if (url.includes("q=gs")) return new Promise<Response>((resolve) => (answer = resolve));
      return Promise.resolve(Response.json({ items: [hit("1", "rq")] }));
    });
    const w = show(TargetPicker);
    floor(call([party("c", "citizen", "joined"), me("joined")], { room: false }));
    await flushPromises();
    expect(w.findAll(byId("target-row"))).toHaveLength(1);
    await w.get(byId("target-q")).setValue("gs");
    await w.get(byId("target-q")).trigger("keydown", { key: "Enter" });
    await flushPromises();
    expect(posted).toEqual([]);
    answer(Response.json({ items: [hit("2", "gs")] }));
    await flushPromises();
    expect(posted).toEqual([expect.objectContaining({ kind: "call.consult", args: expect.objectContaining({ target: { kind: "agency", value: "2" } }) as unknown })]);
  });
});
