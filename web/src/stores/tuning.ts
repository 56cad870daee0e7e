/** Queues, numbers, skills and the seat plan. A change that has warnings waits for a yes; the server is the truth. */

import { defineStore } from "pinia";
import { shallowRef } from "vue";
import { useChanges } from "@/composables/useChanges";
import { useTurns } from "@/composables/useTurns";
import type { Tuning } from "@/core/types";
import { t } from "@/locales";
import { api } from "./session";

export const useTuning = defineStore("tuning", () => {
  const told = shallowRef<Tuning | null>(null);
  const turns = useTurns();
  const { busy, run } = turns;
  const { asked, shown, versions, change, confirm, undo, history } = useChanges<Tuning>({
    turns, load, take: (found) => (told.value = found), saved: () => t("tuning.saved"), versions: api.tuningHistory, undo: api.undoTuning,
  });

  async function load(): Promise<void> {
    const found = await run("load", () => api.tuning());
    if (found) told.value = found;
  }

  const put = (name: string, path: string, value: object, based_on: number): Promise<boolean> =>
    change(name, (confirmed) => api.putTuning(path, { ...value, based_on, confirmed }));

  return { told, asked, shown, versions, busy, load, put, undo, confirm, history };
});
