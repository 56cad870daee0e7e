// @vitest-environment jsdom
import { enableAutoUnmount } from "@vue/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import CallerCard from "@/components/CallerCard.vue";
import DraftConflict from "@/components/DraftConflict.vue";
import DtmfPad from "@/components/DtmfPad.vue";
import LxButton from "@/components/LxButton.vue";
import SavedState from "@/components/SavedState.vue";
import TelephoneData from "@/components/TelephoneData.vue";
import { emptyForm } from "@/core/form";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);

describe("a control", () => {
  it("says its state and its key, and takes no second click while pending", async () => {
    const w = show(LxButton, { label: "示闲", action: "ready", state: "pending" });
    const b = w.get("button");
    expect(b.attributes()).toMatchObject({ "data-state": "pending", "aria-busy": "true", "aria-keyshortcuts": "F9" });
    await b.trigger("click");
    expect(w.emitted("click")).toBeUndefined();
    await w.setProps({ state: "idle" });
    await b.trigger("click");
    expect(w.emitted("click")).toHaveLength(1);
  });

  it("that toggles says whether it is pressed", () => expect(show(LxButton, { label: "静音", pressed: true }).get("button").attributes("aria-pressed")).toBe("true"));
});

describe("where the text is", () => {
  it.each([["saved", "已保存"], ["browser", "仅存于本浏览器"], ["memory", "无法保存"], ["queued", "待提交"], ["conflict", "两个版本"]])("%s", (state, text) => {
    const w = show(SavedState, { state, savedAt: "2026-11-23T01:00:00Z" });
    expect(w.text()).toContain(text);
    expect(w.get(byId("case-saved-state")).attributes()).toMatchObject({ "data-state": state, role: "status" });
  });
});

describe("the keypad", () => {
  it("sends clicked and typed digits and nothing else", async () => {
    const w = show(DtmfPad);
    await w.get(byId("call-dtmf-5")).trigger("click");
    for (const key of ["7", "#", "a", "F2"]) await w.get(byId("call-dtmf-pad")).trigger("keydown", { key });
    expect(w.emitted("digit")!.flat()).toEqual(["5", "7", "#"]);
    expect(w.get(byId("call-dtmf-sent")).text()).toBe("57#");
  });
});

describe("who calls", () => {
  const info = (calls_total: number) => ({ number: "13912345678", display: "", kind: "mobile", province: "江苏省", city: "常州市", operator: "中国移动", calls_total, last_calls: [], cases: [], open_cases: 0 });
  it("is readable before answering", () => {
    const w = show(CallerCard, { number: "13912345678", info: info(4) });
    expect(w.get(byId("call-caller")).text()).toBe("139 1234 5678");
    expect(w.get(byId("call-place")).text()).toBe("江苏省 常州市 · 中国移动");
    expect(w.get(byId("call-times")).text()).toBe("第 5 次来电");
  });
  it("does not count the call that is here", () => {
    const last_calls = [{ call_id: "now", started_at: "2026-11-23T01:00:00Z", outcome: "open", agent_no: null }];
    const w = show(CallerCard, { number: "13912345678", info: { ...info(1), last_calls }, callId: "now" });
    expect(w.get(byId("call-times")).text()).toBe("首次来电");
    expect(w.find(byId("call-last")).exists()).toBe(false);
  });
  it("says so when the number is withheld or new", () => {
    expect(show(CallerCard, { number: "", info: null }).get(byId("call-caller")).text()).toBe("号码未显示");
    expect(show(CallerCard, { number: "13912345678", info: info(0) }).get(byId("call-times")).text()).toBe("首次来电");
  });
});

describe("the telephone's data", () => {
  it("hides the secret until asked", async () => {
    const w = show(TelephoneData, { data: { host: "127.0.0.1", port: 5060, transport: "udp", username: "8001", secret: "s3cr3t-word" } });
    expect(w.text()).not.toContain("s3cr3t-word");
    await w.get(byId("phone-check-reveal")).trigger("click");
    expect(w.get(byId("phone-check-telephone-secret")).text()).toBe("s3cr3t-word");
  });
});

describe("two versions of a draft", () => {
  it("are shown where they differ, and the choice is told", async () => {
    const record = { id: "1", callId: null, body: { ...emptyForm(), title: "我的" }, rev: 2, savedRev: 1, savedAt: null, changedAt: 0, followUpOf: null, submit: null, conflict: { id: "1", rev: 9, body: { title: "班长的", confidential: true }, updated_at: "2026-11-23T01:00:00Z" } };
    const w = show(DraftConflict, { record });
    expect(w.findAll("tbody tr").map((r) => r.text())).toEqual(["标题我的班长的", "要求保密否是"]);
    await w.get(byId("case-conflict-theirs")).trigger("click");
    expect(w.emitted("choose")).toEqual([["theirs"]]);
  });
});
