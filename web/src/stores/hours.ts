/** The line's hours, and announcements. The server's answer is the truth; nothing is shown before it came. */

import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { useAsking } from "@/composables/useAsking";
import { useTurns } from "@/composables/useTurns";
import { asked as askedOf } from "@/core/hours";
import type { CalendarDay, HoursNow, LineProfile, LineSound, PlanChange, ProfileName } from "@/core/types";
import { t } from "@/locales";
import { clock } from "./live";
import { useNotices } from "./notices";
import { api } from "./session";

export const useHours = defineStore("hours", () => {
  const notices = useNotices();
  const now = shallowRef<HoursNow | null>(null);
  const days = shallowRef<CalendarDay[]>([]);
  const shown = ref({ year: 2026, month: 1 });
  const turns = useTurns();
  const { busy, run, once } = turns;
  /** A day of the calendar is told with its month, all else with the whole page. */
  const { asked, kept, change, confirm } = useAsking<HoursNow | null>(turns, async (told) => {
    if (told) now.value = told;
    else await month(shown.value.year, shown.value.month);
    notices.say("good", t("hours.saved"));
  }, reload);

  async function load(): Promise<void> {
    now.value = (await run("load", () => api.hours())) ?? now.value;
  }

  async function reload(): Promise<void> {
    await load();
    if (days.value.length) await month(shown.value.year, shown.value.month);
  }

  const saveProfile = (p: LineProfile, based_on: string) => change(`profile-${p.name}`, (confirmed) => api.setProfile(p.name, { ...askedOf(p), based_on, confirmed }));
  const savePlan = (plan: PlanChange) => change("plan", (confirmed) => api.setPlan({ ...plan, confirmed }));
  const endOverride = () => change("override", (confirmed) => api.endOverride(confirmed));
  const override = (profile: ProfileName, minutes: number) =>
    change("override", (confirmed) => api.setOverride(profile, new Date(clock.now() + minutes * 60_000).toISOString(), confirmed));

  async function month(year: number, number: number): Promise<void> {
    const found = await run("month", () => api.calendar(year, number));
    if (!found) return;
    shown.value = { year, month: number };
    days.value = found.days;
  }

  /** `kind` null: as its weekday says. */
  const setDay = (day: string, kind: CalendarDay["kind"] | null, based_on: string) =>
    change("day", async (confirmed) => {
      await (kind ? api.setDay(day, { kind, based_on, confirmed }) : api.clearDay(day, based_on, confirmed));
      return null;
    });

  const keepSound = (wav: ArrayBuffer): Promise<LineSound | null> => once("sound", () => api.uploadSound(wav));
  const speak = (text: string, language?: "zh" | "en"): Promise<LineSound | null> => once("sound", () => api.speakSound(text, language));

  return { now, days, shown, busy, asked, kept, confirm, load, saveProfile, savePlan, override, endOverride, month, setDay, keepSound, speak };
});
