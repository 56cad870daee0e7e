// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import TrunkRow from "@/components/TrunkRow.vue";
import Telephony from "@/pages/Telephony.vue";
import { ApiProblem } from "@/core/problem";
import type { Command, Sheet, TelephonyNow, Trunk } from "@/core/types";
import { api } from "@/stores/session";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
const main: Trunk = { name: "main", endpoint: "trunk", title: "", kind: "settings", host: null, addresses: [], username: null, codecs: ["alaw"], channel_limit: null, position: 0, active: true, now: null };
const seat = (number: string) => ({ seat: number, label: number, class_name: null, person: null, retired_at: null, telephone: null, browser: null });
const told: TelephonyNow = { version: 2, applied: 2, fault: null, extensions: [seat("8001")], trunks: [main], classes: [], codecs: ["alaw", "ulaw"] };
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
});
