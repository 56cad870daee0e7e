/** What somebody tried and may not: told to supervisors as it happens, kept on the floor for a quarter of an hour. */

import { defineStore } from "pinia";
import { shallowRef, watch } from "vue";
import type { AlarmBody } from "@/core/types";
import { useLive } from "./live";
import { useSession } from "./session";

const KEPT = 50;

export const useAttempts = defineStore("attempts", () => {
  const live = useLive();
  const session = useSession();
  const told = shallowRef<AlarmBody[]>([]);

  /** The newest first; what is known already is not told twice. */
  function take(news: readonly AlarmBody[]): void {
    const all = new Map([...told.value, ...news].map((a) => [a.alarm_id, a]));
    told.value = [...all.values()].sort((a, b) => b.at.localeCompare(a.at)).slice(0, KEPT);
  }

  live.onRow((row) => {
    if (row.topic === "alarm" && row.body) take([row.body as unknown as AlarmBody]);
  });
  watch(() => session.account?.id, () => (told.value = []));

  return { told, take };
});
