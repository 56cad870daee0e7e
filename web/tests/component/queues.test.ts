// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { h } from "vue";
import QueueForm from "@/components/QueueForm.vue";
import TuningHistory from "@/components/TuningHistory.vue";
import type { LineSound, TunedQueue, Tuning } from "@/core/types";
import { useLocale } from "@/locales";
import { api } from "@/stores/session";
import { useTuning } from "@/stores/tuning";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
beforeEach(() => {
  vi.restoreAllMocks();
  useLocale("en");
});
const SOUND = "0b8c1f1e-5f0a-4c43-9d0e-3a5f5a0c7d11";
const queue = (more: Partial<TunedQueue> = {}): TunedQueue => ({
  queue: "english", title: "English", strategy: "leastrecent", ring_s: 20, wrap_up_s: 120, weight: 0, max_waiting: 100, announce_every_s: 30, announce_place: true, service_s: 15,
  welcome_text: "", welcome_sound_id: null, periodic_text: "", periodic_sound_id: null, waiting: 0, agents: 1, revision: 4, at: null, by: "root", undo_of: null, in_force: [], ...more,
});

it("has a queue's welcome spoken in its own language and saves it", async () => {
  const spoken = vi.spyOn(api, "speakSound").mockResolvedValue({ id: SOUND } as LineSound);
  const put = vi.spyOn(api, "putTuning").mockResolvedValue({ queues: [] } as unknown as Tuning);
  const w = show(QueueForm, { queue: queue(), writes: true, mostNow: null });
  await w.get(byId("queue-english-welcome_text")).setValue("Welcome to the English service.");
  await w.get(byId("queue-english-welcome_sound-speak")).trigger("click");
  await flushPromises();
  expect(spoken).toHaveBeenCalledWith("Welcome to the English service.", "en");
  expect(w.get(byId("queue-english-welcome_sound-audio")).attributes("src")).toContain(SOUND);
  await w.get(byId("queue-english-save")).trigger("click");
  await flushPromises();
  expect(put.mock.calls[0]![0]).toBe("queues/english");
  expect(put.mock.calls[0]![1]).toMatchObject({ welcome_text: "Welcome to the English service.", welcome_sound_id: SOUND, periodic_sound_id: null, based_on: 4 });
});

it("takes a sound away again", async () => {
  const put = vi.spyOn(api, "putTuning").mockResolvedValue({ queues: [] } as unknown as Tuning);
  const w = show(QueueForm, { queue: queue({ periodic_sound_id: SOUND }), writes: true, mostNow: null });
  await w.get(byId("queue-english-periodic_sound-remove")).trigger("click");
  await w.get(byId("queue-english-save")).trigger("click");
  await flushPromises();
  expect(put.mock.calls[0]![1]).toMatchObject({ periodic_sound_id: null });
});

it.each(["zh-CN", "en"] as const)("names every control, and each sound by what it is for, in %s", (language) => {
  useLocale(language);
  const w = show(QueueForm, { queue: queue({ welcome_sound_id: SOUND }), writes: true, mostNow: null });
  for (const input of w.findAll("input:not([type=checkbox]):not([type=file]), select")) expect(w.find(`label[for="${input.attributes("id")}"]`).text()).not.toBe("");
  for (const button of w.findAll("button")) expect(button.text() || button.attributes("aria-label")).toBeTruthy();
  const groups = w.findAll('[role="group"]').map((g) => g.attributes("aria-label"));
  expect(groups).toEqual(language === "en" ? ["Recording of the welcome", "Recording to those who wait"] : ["欢迎语录音", "排队播报录音"]);
});

it("lets nobody change a sound who may not", () => {
  const w = show(QueueForm, { queue: queue({ welcome_sound_id: SOUND }), writes: false, mostNow: null });
  expect(w.get(byId("queue-english-welcome_sound-record")).attributes("disabled")).toBeDefined();
  expect(w.find(byId("queue-english-save")).exists()).toBe(false);
});

it("tells in the history that the words changed", async () => {
  vi.spyOn(api, "tuningHistory").mockResolvedValue([
    { revision: 2, value: { welcome_text: "Hello", welcome_sound_id: SOUND }, at: "2026-11-29T01:00:00Z", by: "root", undo_of: null },
    { revision: 1, value: {}, at: "2026-11-29T00:00:00Z", by: "lianxin", undo_of: null },
  ]);
  const w = show(() => h(TuningHistory, { of: useTuning(), writes: true }));
  await useTuning().history("queue", "english");
  await flushPromises();
  expect(w.text()).toContain("recording 0b8c1f1e");
  expect(w.text()).toContain("Hello");
});
