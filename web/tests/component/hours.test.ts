// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import CalendarMonth from "@/components/CalendarMonth.vue";
import HoursNow from "@/components/HoursNow.vue";
import IncidentForm from "@/components/IncidentForm.vue";
import IncidentTelling from "@/components/IncidentTelling.vue";
import PlanForm from "@/components/PlanForm.vue";
import ProfileForm from "@/components/ProfileForm.vue";
import { ApiProblem } from "@/core/problem";
import type { CalendarDay, HoursNow as Told, Incident, LineProfile, Telling } from "@/core/types";
import Hours from "@/pages/Hours.vue";
import { useHours } from "@/stores/hours";
import { useNotices } from "@/stores/notices";
import { api, useSession } from "@/stores/session";
import { byId, show } from "./desk";

vi.mock("vue-router", () => ({ RouterLink: { template: "<a><slot /></a>" } }));
enableAutoUnmount(afterEach);
const to = (kind: "message" | "duty", text = "") => ({ kind, to: text });
const night: LineProfile = { name: "night", version: "1", max_waiting: 20, max_wait_s: 600, opening_text: "", sound_id: null, on_full: to("message"), on_no_agent: to("message"), on_too_long: to("message") };
const told: Told = {
  now: "night", planned: "night", override: null, timezone: "Asia/Shanghai", profiles: [night],
  plan: { version: "1", workday: [{ minute: 0, profile: "night" }, { minute: 480, profile: "day" }], weekend: [{ minute: 0, profile: "weekend" }], holiday: [{ minute: 0, profile: "holiday" }] },
};
const day = (n: number, kind: CalendarDay["kind"], set = false): CalendarDay => ({ day: `2026-09-${n}`, version: set ? "1" : "", kind, name_zh: set ? "中秋节调休上班" : "", name_en: "", source: "", set, provisional: false });
beforeEach(() => vi.restoreAllMocks());

describe("the line now", () => {
  it("is switched until a time, and says who switched it", async () => {
    const asked = vi.spyOn(api, "setOverride").mockResolvedValue({ ...told, now: "surge", override: { profile: "surge", until: "2026-09-20T04:00:00Z", by: "boss" } });
    const w = show(HoursNow);
    useHours().now = told;
    await flushPromises();
    expect(w.get(byId("hours-profile")).text()).toBe("夜间");
    await w.get(byId("override-minutes-120")).setValue(true);
    await w.get(byId("override-set")).trigger("click");
    await flushPromises();
    expect(asked.mock.calls[0]![0]).toBe("surge");
    expect((Date.parse(asked.mock.calls[0]![1]) - Date.now()) / 60_000).toBeCloseTo(120, 0);
    expect(w.get(byId("hours-now")).attributes("data-profile")).toBe("surge");
    expect(w.get(byId("hours-override")).text()).toContain("boss");
  });
});

describe("a profile", () => {
  it("asks for a number only where a telephone is meant", async () => {
    const asked = vi.spyOn(api, "setProfile").mockResolvedValue(told);
    const w = show(ProfileForm, { profile: night, writes: true });
    expect(w.find(byId("profile-night-on_no_agent-to")).exists()).toBe(false);
    await w.get(byId("profile-night-on_no_agent")).setValue("duty");
    await w.get(byId("profile-night-on_no_agent-to")).setValue("053188880001");
    await w.get(byId("profile-night-save")).trigger("click");
    expect(asked.mock.calls[0]).toMatchObject(["night", { max_waiting: 20, on_no_agent: { kind: "duty", to: "053188880001" } }]);
  });
  it("is read, not changed, by who may not", () => {
    const w = show(ProfileForm, { profile: night, writes: false });
    expect(w.get("fieldset").attributes()).toHaveProperty("disabled");
    expect(w.find(byId("profile-night-save")).exists()).toBe(false);
  });
});

describe("hours that somebody else changes", () => {
  const surge: Told = { ...told, now: "surge", override: { profile: "surge", until: "2026-09-20T10:00:00Z", by: "boss" } };
  const theirs: Told = { ...told, profiles: [{ ...night, version: "2", max_waiting: 5 }], plan: { ...told.plan, version: "2", weekend: [{ minute: 0, profile: "night" }] } };
  const value = (w: ReturnType<typeof show>, id: string) => (w.get(byId(id)).element as HTMLInputElement).value;
  const LOOKS_MS = 4000;
  async function opened() {
    vi.useFakeTimers();
    vi.spyOn(api, "calendar").mockResolvedValue({ days: [] });
    vi.spyOn(api, "hours").mockResolvedValue({ ...told, now: "day", planned: "day" });
    const w = show(Hours);
    useSession().account = { role: "admin" } as NonNullable<ReturnType<typeof useSession>["account"]>;
    await flushPromises();
    return w;
  }
  const looked = async (answer: Told) => {
    const look = vi.spyOn(api, "hours").mockResolvedValue(answer);
    look.mockClear();
    await vi.advanceTimersByTimeAsync(LOOKS_MS);
    await flushPromises();
    expect(look).toHaveBeenCalled();
  };
  afterEach(() => vi.useRealTimers());

  it("are told as they are by now, whoever switched them, and what is being typed stays", async () => {
    const w = await opened();
    expect(w.get(byId("hours-profile")).text()).toBe("日间");
    await w.get(byId("profile-night-opening")).setValue("现在是");
    await w.get(byId("plan-workday-1")).setValue("08:3");
    await looked(told);
    expect(w.get(byId("hours-profile")).text()).toBe("夜间");
    await looked(surge);
    expect(w.get(byId("hours-override")).text()).toContain("boss");
    await looked({ ...told });
    expect(w.find(byId("hours-override")).exists(), "it ended").toBe(false);
    expect([value(w, "profile-night-opening"), value(w, "plan-workday-1")]).toEqual(["现在是", "08:3"]);
    expect([w.find(byId("profile-night-changed")).exists(), w.find(byId("plan-changed")).exists()]).toEqual([false, false]);
  });
  it("come into a form where nothing is typed; elsewhere they are loaded when asked for", async () => {
    const asked = vi.spyOn(api, "setPlan").mockResolvedValue({ ...theirs, plan: { ...theirs.plan, version: "3" } });
    const w = await opened();
    await w.get(byId("plan-workday-1")).setValue("08:30");
    await looked(theirs);
    expect(value(w, "profile-night-waiting"), "not typed in").toBe("5");
    expect(value(w, "plan-weekend-0-profile"), "typed in").toBe("weekend");
    await w.get(byId("plan-changed-load")).trigger("click");
    expect([value(w, "plan-workday-1"), value(w, "plan-weekend-0-profile")]).toEqual(["08:30", "night"]);
    await w.get(byId("plan-save")).trigger("click");
    await flushPromises();
    expect(asked.mock.calls[0]![0]).toMatchObject({ weekend: [{ minute: 0, profile: "night" }], based_on: "2" });
    expect(w.find(byId("plan-changed")).exists(), "one's own change").toBe(false);
  });
  it("are refused over a newer version, and the rest of the page stays as typed", async () => {
    const asked = vi.spyOn(api, "setProfile").mockRejectedValue(new ApiProblem(409, "tuning.meanwhile", "boss 在您打开后改过这一项"));
    const w = await opened();
    await w.get(byId("profile-night-opening")).setValue("现在是夜间");
    await w.get(byId("plan-workday-1")).setValue("09:00");
    vi.spyOn(api, "hours").mockResolvedValue({ ...told, profiles: theirs.profiles });
    await w.get(byId("profile-night-save")).trigger("click");
    await flushPromises();
    expect(asked.mock.calls[0]![1]).toMatchObject({ max_waiting: 20, based_on: "1" });
    expect(useNotices().list.at(-1)!.text).toContain("boss");
    await w.get(byId("profile-night-changed-load")).trigger("click");
    expect([value(w, "profile-night-waiting"), value(w, "profile-night-opening"), value(w, "plan-workday-1")]).toEqual(["5", "现在是夜间", "09:00"]);
  });
});

describe("hours that cut who waits", () => {
  it("are asked about, left by Escape, and set after a yes", async () => {
    const warning = new ApiProblem(409, "tuning.unconfirmed", "", [], { warnings: [{ code: "queue.cut_waiting", message: "现在有 9 人等待" }] });
    const asked = vi.spyOn(api, "endOverride").mockRejectedValueOnce(warning).mockRejectedValueOnce(warning).mockResolvedValue({ ...told, override: null });
    vi.spyOn(api, "calendar").mockResolvedValue({ days: [] });
    vi.spyOn(api, "hours").mockResolvedValue({ ...told, override: { profile: "surge", until: "2026-09-20T04:00:00Z", by: "boss" } });
    const w = show(Hours);
    await flushPromises();
    await w.get(byId("override-end")).trigger("click");
    await flushPromises();
    expect(w.get(byId("warnings")).text()).toContain("9 人等待");
    dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    await flushPromises();
    expect(w.find(byId("warnings")).exists()).toBe(false);
    await w.get(byId("override-end")).trigger("click");
    await flushPromises();
    await w.get(byId("warnings-confirm")).trigger("click");
    await flushPromises();
    expect(asked.mock.calls).toEqual([[false], [false], [true]]);
    expect(useHours().now?.override).toBeNull();
  });
});

describe("the plan", () => {
  it("is sent in order, and not at all with a time that is no quarter of an hour", async () => {
    const asked = vi.spyOn(api, "setPlan").mockResolvedValue(told);
    const w = show(PlanForm, { plan: told.plan, writes: true });
    await w.get(byId("plan-workday-1")).setValue("08:10");
    await w.get(byId("plan-save")).trigger("click");
    expect(asked).not.toHaveBeenCalled();
    expect(w.get(byId("plan-problem")).attributes("role")).toBe("alert");
    await w.get(byId("plan-workday-1")).setValue("8:30");
    await w.get(byId("plan-save")).trigger("click");
    expect(asked.mock.calls[0]![0]).toMatchObject({ workday: [{ minute: 0, profile: "night" }, { minute: 510, profile: "day" }], based_on: "1" });
  });
});

describe("the calendar", () => {
  it("names each day's kind in words, and lets an admin say another", async () => {
    vi.spyOn(api, "calendar").mockResolvedValue({ days: [day(19, "weekend"), day(20, "make_up", true), day(21, "workday")] });
    const said = vi.spyOn(api, "setDay").mockResolvedValue(undefined);
    const w = show(CalendarMonth, { writes: true });
    await flushPromises();
    const sunday = w.get('[data-day="2026-09-20"]');
    expect(sunday.attributes("aria-label")).toBe("2026-09-20, 调休上班, 中秋节调休上班");
    expect(sunday.text()).toContain("班");
    await sunday.trigger("click");
    await w.get(byId("day-holiday")).trigger("click");
    await flushPromises();
    expect(said).toHaveBeenCalledWith("2026-09-20", { kind: "holiday", based_on: "1", confirmed: false });
  });
});

const heating: Incident = { id: "i1", number: 7, title: "停暖", area: null, sound_id: "s1", started_at: "2026-09-20T04:00:00Z", started_by: "boss", ended_at: null, ended_by: null, heard: 0, joined: 0, people: 0 };
const round: Telling = { sound_id: "s2", asked_at: "2026-09-20T04:00:00Z", asked_by: "boss", stopped_at: null, stopped_by: null, left: 2, calling: 1, told: 4, missed: 0, stopped: 0 };

describe("an incident", () => {
  it("starts only with a name and words that somebody can hear", async () => {
    const spoken = { id: "s1", seconds: 3, text: "停暖", by: "boss", created_at: "2026-09-20T04:00:00Z" };
    vi.spyOn(api, "speakSound").mockResolvedValue(spoken);
    const asked = vi.spyOn(api, "startIncident").mockResolvedValue(heating);
    const w = show(IncidentForm);
    await w.get(byId("incident-title")).setValue("停暖");
    expect(w.get(byId("incident-start")).attributes()).toHaveProperty("disabled");
    await w.get(byId("incident-words")).setValue("我们已知停暖");
    await w.get(byId("incident-sound-speak")).trigger("click");
    await flushPromises();
    await w.get(byId("incident-start")).trigger("click");
    expect(asked).toHaveBeenCalledWith({ title: "停暖", area: null, sound_id: "s1" });
  });
  it("is told to all with words that somebody can hear, and says how far that is", async () => {
    vi.spyOn(api, "speakSound").mockResolvedValue({ id: "s2", seconds: 3, text: "已恢复", by: "boss", created_at: round.asked_at });
    const asked = vi.spyOn(api, "tellIncident").mockResolvedValue(round);
    expect(show(IncidentTelling, { incident: heating }).find(byId("incident-tell-open")).exists()).toBe(false);
    const w = show(IncidentTelling, { incident: { ...heating, people: 7 } });
    await w.get(byId("incident-tell-open")).trigger("click");
    expect(w.get(byId("incident-tell-start")).attributes()).toHaveProperty("disabled");
    await w.get(byId("incident-tell-words")).setValue("已恢复");
    await w.get(byId("incident-tell-sound-speak")).trigger("click");
    await flushPromises();
    await w.get(byId("incident-tell-start")).trigger("click");
    expect(asked).toHaveBeenCalledWith("i1", "s2");
    await w.setProps({ incident: { ...heating, people: 7, telling: round } });
    expect(w.get(byId("incident-told")).text()).toContain("已通知 4 · 未接通 0 · 待通知 3");
    expect(w.find(byId("incident-tell-form")).exists()).toBe(false);
    const stopped = vi.spyOn(api, "stopTelling").mockResolvedValue({ ...round, left: 0, calling: 0, stopped: 3, stopped_by: "boss" });
    await w.get(byId("incident-tell-stop")).trigger("click");
    expect(stopped).toHaveBeenCalledWith("i1");
  });
});
