/** The line's hours, and announcements. The server's answer is the truth; nothing is shown before it came. */

import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { useTurns } from "@/composables/useTurns";
import { asked } from "@/core/hours";
import type { CalendarDay, HoursNow, LineProfile, LineSound, ProfileName } from "@/core/types";
import { t } from "@/locales";
import { clock } from "./live";
import { useNotices } from "./notices";
import { api } from "./session";

export const useHours = defineStore("hours", () => {
  const notices = useNotices();
  const now = shallowRef<HoursNow | null>(null);
  const days = shallowRef<CalendarDay[]>([]);
  const shown = ref({ year: 2026, month: 1 });
  const { busy, run, once } = useTurns();

  async function take(name: string, work: () => Promise<HoursNow>): Promise<boolean> {
    const told = await once(name, work);
    if (!told) return false;
    now.value = told;
    if (name !== "load") notices.say("good", t("hours.saved"));
    return true;
  }

  const load = () => take("load", () => api.hours());
  const saveProfile = (p: LineProfile) => take(`profile-${p.name}`, () => api.setProfile(p.name, asked(p)));
  const savePlan = (plan: HoursNow["plan"]) => take("plan", () => api.setPlan(plan));
  const endOverride = () => take("override", () => api.endOverride());
  const override = (profile: ProfileName, minutes: number) =>
    take("override", () => api.setOverride(profile, new Date(clock.now() + minutes * 60_000).toISOString()));

  async function month(year: number, number: number): Promise<void> {
    const found = await run("month", () => api.calendar(year, number));
    if (!found) return;
    shown.value = { year, month: number };
    days.value = found.days;
  }

  async function setDay(day: string, kind: CalendarDay["kind"] | null): Promise<void> {
    const done = await once("day", async () => {
      await (kind ? api.setDay(day, kind) : api.clearDay(day));
      return true;
    });
    if (done) await month(shown.value.year, shown.value.month);
  }

  const keepSound = (wav: ArrayBuffer): Promise<LineSound | null> => once("sound", () => api.uploadSound(wav));
  const speak = (text: string, language?: "zh" | "en"): Promise<LineSound | null> => once("sound", () => api.speakSound(text, language));

  return { now, days, shown, busy, load, saveProfile, savePlan, override, endOverride, month, setDay, keepSound, speak };
});
