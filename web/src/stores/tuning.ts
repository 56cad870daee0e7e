/** Queues, numbers, skills and the seat plan. A change that has warnings waits here for a yes; the server is the truth. */

import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { useTurns } from "@/composables/useTurns";
import { ApiProblem } from "@/core/problem";
import type { Kind, Warned } from "@/core/tuning";
import type { Tuning, TuningVersion } from "@/core/types";
import { t } from "@/locales";
import { useNotices } from "./notices";
import { api } from "./session";

type Ask = (confirmed: boolean) => Promise<Tuning>;

export const useTuning = defineStore("tuning", () => {
  const notices = useNotices();
  const told = shallowRef<Tuning | null>(null);
  const asked = shallowRef<{ name: string; warnings: Warned[]; ask: Ask } | null>(null);
  const shown = ref<{ kind: Kind; subject: string } | null>(null);
  const versions = shallowRef<TuningVersion[]>([]);
  const { busy, run, once } = useTurns();

  async function load(): Promise<void> {
    const found = await run("load", () => api.tuning());
    if (found) told.value = found;
  }

  /** True when it is kept; where the server warns, it is kept after {@link confirm}. */
  async function change(name: string, ask: Ask, confirmed = false): Promise<boolean> {
    const found = await once(name, async () => {
      try {
        return await ask(confirmed);
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.code !== "tuning.unconfirmed") throw error;
        asked.value = { name, warnings: error.body.warnings as Warned[], ask };
        return null;
      }
    });
    if (!found) return false;
    told.value = found;
    asked.value = null;
    notices.say("good", t("tuning.saved"));
    if (shown.value) await history(shown.value.kind, shown.value.subject);
    return true;
  }

  async function confirm(): Promise<void> {
    if (asked.value) await change(asked.value.name, asked.value.ask, true);
  }

  const put = (name: string, path: string, value: object, based_on: number): Promise<boolean> =>
    change(name, (confirmed) => api.putTuning(path, { ...value, based_on, confirmed }));

  const undo = (kind: Kind, subject: string, to: number, based_on: number): Promise<boolean> =>
    change(`undo-${kind}-${subject}`, (confirmed) => api.undoTuning(kind, subject, { to, based_on, confirmed }));

  async function history(kind: Kind, subject: string): Promise<void> {
    const found = await run("history", () => api.tuningHistory(kind, subject));
    if (!found) return;
    versions.value = found;
    shown.value = { kind, subject };
  }

  return { told, asked, shown, versions, busy, load, put, undo, confirm, history };
});
