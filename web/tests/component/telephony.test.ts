// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import TrunkRow from "@/components/TrunkRow.vue";
import Telephony from "@/pages/Telephony.vue";
import { ApiProblem } from "@/core/problem";
import type { Command, Sheet, TelephonyNow, Trunk } from "@/core/types";
import { useNotices } from "@/stores/notices";
import { api } from "@/stores/session";
import { useTelephony } from "@/stores/telephony";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
const main: Trunk = { name: "main", endpoint: "trunk", title: "", kind: "settings", host: null, addresses: [], username: null, codecs: ["alaw"], channel_limit: null, position: 0, active: true, now: null, revision: 1 };
const seat = (number: string) => ({ seat: number, version: "1", label: number, class_name: null, person: null, retired_at: null, telephone: null, browser: null });
const told: TelephonyNow = { version: 2, applied: 2, fault: null, extensions: [seat("8001")], trunks: [main], removed: [], classes: [], codecs: ["alaw", "ulaw"] };
const sheet: Sheet = { seat: "8077", label: "8077", host: "10.1.1.1", port: 5060, transport: "udp", username: "8077", secret: "ganz-geheim", uri: "sip:8077", uri_qr: "<svg/>", wave_qr: "<svg/>" };
const command = (state: string, reason: string | null = null) => ({ id: "c1", kind: "trunk.test", args: {}, state, reason, asked_at: "2026-11-29T01:00:00Z", deadline_at: "2026-11-29T01:00:45Z", ended_at: null }) as unknown as Command;
beforeEach(() => vi.restoreAllMocks());

describe("the page of telephony", () => {
  it("shows a new telephone's secret once, and forgets it", async () => {
    vi.spyOn(api, "telephony").mockResolvedValue(told);
    vi.spyOn(api, "createExtension").mockResolvedValue(sheet);
    const w = show(Telephony);
    await flushPromises();
    expect(w.get(byId("in-force")).attributes("data-state")).toBe("yes");
    await w.get(byId("new-seat")).setValue("8077");
    await w.get(byId("new-create")).trigger("click");
    await flushPromises();
    expect(w.get(byId("sheet-secret")).text()).toBe("ganz-geheim");
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    await flushPromises();
    expect(w.html()).not.toContain("ganz-geheim");
  });

  it("shows what is wrong beside its field, and keeps what was typed", async () => {
    vi.spyOn(api, "telephony").mockResolvedValue(told);
    vi.spyOn(api, "setTrunk").mockRejectedValue(new ApiProblem(422, "request.invalid", "有字段填写不正确。", [{ field: "host", message: "请填写运营商的 IPv4 地址" }]));
    const w = show(Telephony);
    await flushPromises();
    await w.get(byId("trunk-new")).trigger("click");
    await w.get(byId("trunk-name")).setValue("b");
    await w.get(byId("trunk-host")).setValue("10.2.3.400");
    await w.get(byId("trunk-save")).trigger("click");
    await flushPromises();
    expect(w.get("#trunk-host-problem").text()).toContain("IPv4");
    expect((w.get(byId("trunk-host")).element as HTMLInputElement).value).toBe("10.2.3.400");
  });

  it("says what became of a test call in words", async () => {
    vi.spyOn(api, "telephony").mockResolvedValue(told);
    vi.spyOn(api, "testTrunk").mockResolvedValue(command("pending"));
    vi.spyOn(api, "trunkTest").mockResolvedValue(command("failed", "sip.403"));
    const w = show(TrunkRow, { trunk: main });
    await w.get(byId("test-number-main")).setValue("13912345678");
    await w.get(byId("test-main")).trigger("click");
    await flushPromises();
    expect(w.get(byId("test-main")).attributes("data-state")).toBe("pending");
    await vi.waitFor(() => expect(w.get(byId("test-outcome-main")).text()).toContain("SIP 403"), 3000);
    expect(w.get(byId("test-outcome-main")).attributes("data-state")).toBe("failed");
  });

  it("undoes the last change of a trunk, and a removal, by a button with a name", async () => {
    vi.spyOn(api, "telephony").mockResolvedValue({ ...told, trunks: [{ ...main, revision: 3 }], removed: [{ name: "b", revision: 2, at: "2026-11-29T01:00:00Z", by: "root" }] });
    const undo = vi.spyOn(api, "undoTrunk").mockResolvedValueOnce(told).mockRejectedValueOnce(new ApiProblem(422, "request.invalid", "有字段填写不正确。", [{ field: "addresses", message: "不与其他中继重叠" }]));
    const w = show(Telephony);
    await flushPromises();
    expect(w.get(byId("undo-main")).attributes("aria-label")).toContain("main");
    expect(w.get(byId("undo-b")).attributes("aria-label")).toContain("b");
    await w.get(byId("undo-main")).trigger("click");
    await flushPromises();
    expect(undo).toHaveBeenLastCalledWith("main", { to: 2, based_on: 3, confirmed: false });
    expect(w.find(byId("undo-main")).exists()).toBe(false);
    expect(w.find(byId("removed-b")).exists()).toBe(false);
    await useTelephony().undo("trunk", "b", 1, 2);
    expect(useNotices().list.at(-1)!.text, "no field to say it beside").toBe("不与其他中继重叠");
  });

  /** A limit below the calls on the trunk is typed and saved: its warning stands there. */
  async function asked(trunk: Trunk) {
    vi.spyOn(api, "telephony").mockResolvedValue({ ...told, trunks: [trunk] });
    const warning = new ApiProblem(409, "tuning.unconfirmed", "", [], { warnings: [{ code: "trunk.limit_below", message: "现在有 4 路通话" }] });
    const set = vi.spyOn(api, "setTrunk").mockRejectedValueOnce(warning).mockResolvedValueOnce({ ...told, trunks: [{ ...trunk, channel_limit: 3, revision: 2 }] });
    const w = show(Telephony);
    await flushPromises();
    await w.get(byId("edit-main")).trigger("click");
    await w.get(byId("trunk-limit")).setValue("3");
    await w.get(byId("trunk-save")).trigger("click");
    await flushPromises();
    return { w, set };
  }

  it("asks before a change that cuts calls, and closes the form after a yes", async () => {
    const { w, set } = await asked(main);
    expect(w.get(byId("warnings")).text()).toContain("4 路通话");
    expect(document.activeElement?.getAttribute("data-testid")).toBe("warnings-leave");
    expect(w.find(byId("trunk-form")).exists()).toBe(true);
    await w.get(byId("warnings-confirm")).trigger("click");
    await flushPromises();
    expect(set.mock.calls.map((call) => call[1])).toMatchObject([{ based_on: main.revision, confirmed: false }, { based_on: main.revision, confirmed: true }]);
    expect(w.find(byId("warnings")).exists()).toBe(false);
    expect(w.find(byId("trunk-form")).exists()).toBe(false);
    expect(w.get(byId("trunk-carries-main")).text()).toContain("3");
  });

  it("keeps the form where its warnings are left, also of a trunk that was never changed", async () => {
    const { w } = await asked({ ...main, revision: 0 });
    await w.get(byId("warnings-leave")).trigger("click");
    await flushPromises();
    expect((w.get(byId("trunk-limit")).element as HTMLInputElement).value).toBe("3");
  });

  it("loads what another admin changed, and keeps what was typed elsewhere", async () => {
    const local = { name: "local", version: "1", title: "市内", kinds: ["local" as const] };
    const stale = () => new ApiProblem(409, "tuning.meanwhile", "boss 在您打开后改过这一项");
    vi.spyOn(api, "telephony").mockResolvedValue({ ...told, classes: [local] });
    const seats = vi.spyOn(api, "setExtension").mockRejectedValueOnce(stale()).mockResolvedValue(told);
    const classes = vi.spyOn(api, "setClass").mockRejectedValueOnce(stale()).mockResolvedValue(told);
    const trunks = vi.spyOn(api, "setTrunk").mockRejectedValueOnce(stale()).mockResolvedValue(told);
    const w = show(Telephony);
    await flushPromises();
    await w.get(byId("label-8001")).setValue("1 号");
    await w.get(byId("class-edit-local")).trigger("click");
    await w.get(byId("class-title")).setValue("本市");
    await w.get(byId("edit-main")).trigger("click");
    await w.get(byId("trunk-title")).setValue("联通");
    vi.spyOn(api, "telephony").mockResolvedValue({
      ...told, extensions: [{ ...seat("8001"), version: "2", class_name: "local" }], classes: [{ ...local, version: "2", kinds: ["mobile"] }], trunks: [{ ...main, revision: 2, channel_limit: 9 }],
    });
    for (const save of ["save-8001", "class-save", "trunk-save"]) {
      await w.get(byId(save)).trigger("click");
      await flushPromises();
    }
    for (const bar of ["changed-8001", "class-changed", "trunk-changed"]) await w.get(byId(`${bar}-load`)).trigger("click");
    for (const save of ["save-8001", "class-save", "trunk-save"]) await w.get(byId(save)).trigger("click");
    await flushPromises();
    expect(seats.mock.calls.map((call) => call[1])).toEqual([{ label: "1 号", class_name: null, based_on: "1" }, { label: "1 号", class_name: "local", based_on: "2" }]);
    expect(classes.mock.calls.map((call) => call[1])).toEqual([{ title: "本市", kinds: ["local"], based_on: "1" }, { title: "本市", kinds: ["mobile"], based_on: "2" }]);
    expect(trunks.mock.calls.map((call) => call[1])).toMatchObject([{ title: "联通", channel_limit: null, based_on: 1 }, { title: "联通", channel_limit: 9, based_on: 2 }]);
  });
  it("makes a class under a new name, not over one of that name", async () => {
    vi.spyOn(api, "telephony").mockResolvedValue({ ...told, classes: [{ name: "local", version: "1", title: "市内", kinds: ["local"] }] });
    const classes = vi.spyOn(api, "setClass").mockResolvedValue(told);
    const w = show(Telephony);
    await flushPromises();
    await w.get(byId("class-edit-local")).trigger("click");
    await w.get(byId("class-name")).setValue("night");
    await w.get(byId("class-save")).trigger("click");
    expect(classes.mock.calls[0]).toEqual(["night", { title: "市内", kinds: ["local"], based_on: "" }]);
  });

  it("shows a trunk's history: that the password changed, and what else", async () => {
    vi.spyOn(api, "trunkHistory").mockResolvedValue([
      { revision: 2, value: { host: "10.2.3.5", password: 2 }, at: "2026-11-29T01:00:00Z", by: "root", undo_of: null },
      { revision: 1, value: { host: "10.2.3.4", password: 1 }, at: "2026-11-29T00:00:00Z", by: "root", undo_of: null },
    ]);
    const undo = vi.spyOn(api, "undoTrunk").mockResolvedValue(told);
    vi.spyOn(api, "telephony").mockResolvedValue({ ...told, trunks: [{ ...main, revision: 2 }] });
    const w = show(Telephony);
    await flushPromises();
    await w.get(byId("history-main")).trigger("click");
    await flushPromises();
    const newest = w.findAll(byId("version"))[0]!.text();
    expect(newest).toContain("运营商地址: 10.2.3.4 10.2.3.5");
    expect(newest).toContain("密码（第几个）: 1 2");
    await w.get(byId("version-undo")).trigger("click");
    expect(undo).toHaveBeenLastCalledWith("main", { to: 1, based_on: 2, confirmed: false });
  });
});
