/** A change that the server may warn of: it waits here for a yes, and is asked again with it. */

import { shallowRef } from "vue";
import { ApiProblem } from "@/core/problem";
import type { Warned } from "@/core/tuning";
import type { useTurns } from "./useTurns";

export type Ask<Told> = (confirmed: boolean) => Promise<Told>;

/** A store, as the question before a change sees it. */
export interface Asking {
  asked: { name: string; warnings: Warned[] } | null;
  busy: string | null;
  confirm(): Promise<void>;
}

/** `reload`: where somebody else changed it first, the newest values are fetched; forms keep what was typed. */
export function useAsking<Told>({ once }: ReturnType<typeof useTurns>, done: (told: Told, name: string) => unknown, reload: () => unknown) {
  const asked = shallowRef<{ name: string; warnings: Warned[]; ask: Ask<Told> } | null>(null);

  /** The last change that the server took. */
  const kept = shallowRef<{ name: string } | null>(null);

  /** True when it is kept; where the server warns, it is kept after {@link confirm}. */
  async function change(name: string, ask: Ask<Told>, confirmed = false): Promise<boolean> {
    const found = await once(name, async () => {
      try {
        return { told: await ask(confirmed) };
      } catch (error) {
        if (error instanceof ApiProblem && error.code === "tuning.meanwhile") {
          asked.value = null;
          void reload();
        }
        if (!(error instanceof ApiProblem) || error.code !== "tuning.unconfirmed") throw error;
        asked.value = { name, warnings: error.body.warnings as Warned[], ask };
        return null;
      }
    });
    if (!found) return false;
    asked.value = null;
    kept.value = { name };
    await done(found.told, name);
    return true;
  }

  async function confirm(): Promise<void> {
    if (asked.value) await change(asked.value.name, asked.value.ask, true);
  }

  return { asked, kept, change, confirm };
}
