/** Moments as the agent reads them: 今天 09:41, yesterday 17:02, else the date. In the site's time zone. */

import { useI18n } from "vue-i18n";
import { siteDay, siteTime } from "@/core/siteTime";
import { clock } from "@/stores/live";
import { useSession } from "@/stores/session";

const DAY_MS = 86_400_000;

export function useTime() {
  const { t, locale } = useI18n();
  const session = useSession();
  const zone = () => session.account?.time_zone;
  const hm = (d: Date): string => siteTime(d, locale.value, zone());

  function at(iso: string | null | undefined): string {
    if (!iso) return "";
    const d = new Date(iso);
    const now = new Date(clock.now());
    const day = siteDay(d, zone());
    const today = siteDay(now, zone());
    if (day === today) return t("at.today", { time: hm(d) });
    if (day === siteDay(new Date(now.getTime() - DAY_MS), zone())) return t("at.yesterday", { time: hm(d) });
    const year = day.slice(0, 4) === today.slice(0, 4) ? undefined : "numeric";
    return `${d.toLocaleDateString(locale.value, { year, month: "numeric", day: "numeric", timeZone: zone() })} ${hm(d)}`;
  }

  const clockAt = (iso: string | null | undefined): string =>
    iso ? siteTime(new Date(iso), locale.value, zone(), true) : "";

  return { at, clockAt, hm: (iso: string) => hm(new Date(iso)) };
}
