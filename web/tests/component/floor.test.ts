// @vitest-environment jsdom
import { enableAutoUnmount } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { h, KeepAlive, nextTick, ref } from "vue";
import FloorAlarms from "@/components/FloorAlarms.vue";
import FloorSeats from "@/components/FloorSeats.vue";
import MessageBar from "@/components/MessageBar.vue";
import ReasonMenu from "@/components/ReasonMenu.vue";
import { useDeskKeys } from "@/composables/useDeskKeys";
import type { AgentLive, Message } from "@/core/types";
import { useSession } from "@/stores/session";
import { useMessages } from "@/stores/messages";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
const agent = (more: Partial<AgentLive>): AgentLive => ({ agent_no: "1001", node: "pbx1", seat: "8001", phone: "browser", state: "ready", reasons: [], since: new Date().toISOString(), queues: [], call_id: null, wrap_up_until: null, ...more });

describe("a seat on the floor", () => {
  it.each([["ready", "○", "空闲待接"], ["talking", "●", "通话中"], ["paused", "❚❚", "未就绪"], ["unreachable", "✕", "话机未注册"]] as const)("%s: shape, word and attribute", (state, shape, word) => {
    const w = show(FloorSeats, { rows: [{ agent: agent({ state, reasons: ["meal"] }), name: "张三", call: null, hand: null }], wall: false, orders: false });
    const row = w.get(byId("floor-seat"));
    expect(row.attributes("data-state")).toBe(state);
    expect(row.get(".state").text()).toBe(`${shape} ${word}`);
    expect(row.text()).toContain("用餐");
    expect(w.find(byId("orders-1001")).exists()).toBe(false);
  });
  it("shows a raised hand with its reason", () => {
    const hand = { id: "h", agent_no: "1001", agent_name: "张三", reason: "language", raised_at: new Date().toISOString() };
    const w = show(FloorSeats, { rows: [{ agent: agent({}), name: "张三", call: null, hand }], wall: true, orders: false });
    expect(w.get(byId("floor-hand")).text()).toBe("▲ 方言或外语");
  });
});

describe("a supervisor's ear on a seat of the floor", () => {
  const call = { call_id: "c", node: "pbx1", linkedid: "c", state: "talking", since: new Date().toISOString(), started_at: new Date().toISOString(), caller: "13912345678", called: "12345", agent_no: "1001", direction: "inbound", parties: [] };
  const rows = (state: AgentLive["state"]) => [{ agent: agent({ state, call_id: "c" }), name: "张三", call: { ...call, state }, hand: null }];
  const boss = (): void => void (useSession().account = { agent_no: "9001", role: "supervisor" } as never);
  it("opens below the row by one button and closes by it", async () => {
    const w = show(FloorSeats, { rows: rows("talking"), wall: false, orders: true });
    boss();
    const button = w.get(byId("floor-ear-1001"));
    expect([button.attributes("aria-label"), button.attributes("aria-expanded")]).toEqual(["监听 1001 号的通话", "false"]);
    await button.trigger("click");
    expect(button.attributes("aria-expanded")).toBe("true");
    expect(["listen", "whisper", "barge", "take-over"].map((m) => w.get(byId("floor-ear")).find(byId(`ear-${m}`)).exists())).toEqual([true, true, true, true]);
    await button.trigger("click");
    expect(w.find(byId("floor-ear")).exists()).toBe(false);
  });
  it("is for those who talk, and for nobody on a wall", () => {
    expect(show(FloorSeats, { rows: rows("ringing"), wall: false, orders: true }).find(byId("floor-ear-1001")).exists()).toBe(false);
    expect(show(FloorSeats, { rows: rows("talking"), wall: true, orders: false }).find(byId("floor-ear-1001")).exists()).toBe(false);
  });
});

it("alarms say what and since when, and that there are none", async () => {
  const w = show(FloorAlarms, { alarms: [{ code: "pbx", tone: "bad", since: "2026-11-23T01:05:00Z", what: "pbx1" }] });
  expect(w.get(byId("floor-alarm")).text()).toMatch(/交换机 pbx1 连接中断.*起/s);
  await w.setProps({ alarms: [{ code: "pbx", tone: "bad", since: "2026-11-23T01:05:00Z", what: "pbx1", why: "ami.refused" }] });
  expect(w.get(byId("floor-alarm-cause")).text()).toBe("交换机拒绝我们的密码");
  for (const [fault, words] of [["sip.503", "运营商停止服务或已满（SIP 503）"], ["q850.77", "原因码 77"]] as const) {
    await w.setProps({ alarms: [{ code: "trunk_fault", tone: "warn", since: "2026-11-23T01:05:00Z", what: fault }] });
    expect(w.get(byId("floor-alarm")).text()).toContain(words);
  }
  await w.setProps({ alarms: [] });
  expect(w.text()).toContain("无告警");
  await w.setProps({ attempts: 1 });
  expect(w.text()).not.toContain("无告警");
});

it("a list of reasons is chosen by digit, and takes nothing that is not possible", async () => {
  const w = show(ReasonMenu, { items: [{ id: "a", text: "A" }, { id: "b", text: "B", disabled: true }, { id: "c", text: "C" }], label: "why", testid: "x" });
  for (const key of ["2", "3", "9", "1"]) await w.get("[role=menu]").trigger("keydown", { key });
  expect(w.emitted("choose")).toEqual([["c"], ["a"]]);
});

it("what a supervisor ordered is said with its reason", async () => {
  const w = show(MessageBar);
  const message: Message = { id: "m", at: "2026-11-23T01:05:00Z", by: "班长", to_agent: "1001", text: "", command: "agent.pause", reason: "meeting" };
  useMessages().unread = [message];
  await nextTick();
  expect(w.get(byId("message-text")).text()).toBe("已为您操作：小休（会议）");
});

it("the desk's keys are off while it is kept alive behind another page", async () => {
  const ready = vi.fn();
  const Desk = { name: "Desk", setup: () => (useDeskKeys({ ready }), () => h("p", "desk")) };
  const Other = { name: "OtherPage", setup: () => () => h("p", "other") };
  const page = ref("desk");
  show({ setup: () => () => h(KeepAlive, { include: ["Desk"] }, () => h(page.value === "desk" ? Desk : Other)) });
  const press = (): boolean => window.dispatchEvent(new KeyboardEvent("keydown", { key: "F9" }));
  press();
  page.value = "other";
  await nextTick();
  press();
  expect(ready).toHaveBeenCalledTimes(1);
  page.value = "desk";
  await nextTick();
  press();
  expect(ready).toHaveBeenCalledTimes(2);
});
