/** Changes that may ask first, and their versions: what has warnings waits here for a yes; the server is the truth. */

import { ref, shallowRef } from "vue";
import { ApiProblem } from "@/core/problem";
import type { Kind, Warned } from "@/core/tuning";
import type { TuningVersion } from "@/core/types";
import { useNotices } from "@/stores/notices";
import type { useTurns } from "./useTurns";

type Ask<Told> = (confirmed: boolean) => Promise<Told>;

export interface Undo {
  to: number;
  based_on: number;
  confirmed: boolean;
}

interface Of<Told> {
  turns: ReturnType<typeof useTurns>;
  take(told: Told): void;
  saved(): string;
  versions(kind: Kind, subject: string): Promise<TuningVersion[]>;
  undo(kind: Kind, subject: string, undo: Undo): Promise<Told>;
}

/** A store, as its history and the question before a change see it. */
export interface Changes {
  asked: { name: string; warnings: Warned[] } | null;
  shown: { kind: Kind; subject: string } | null;
  versions: TuningVersion[];
  busy: string | null;
  confirm(): Promise<void>;
  undo(kind: Kind, subject: string, to: number, based_on: number): Promise<boolean>;
}

/** A wrong value in what is to hold again has no field beside which it could be said. */
function asSentence(error: unknown): unknown {
  return error instanceof ApiProblem && error.fields.length ? new ApiProblem(error.status, error.code, error.fields.map((f) => f.message).join(" "), [], error.body) : error;
}

export function useChanges<Told>(of: Of<Told>) {
  const notices = useNotices();
  const { run, once } = of.turns;
  const asked = shallowRef<{ name: string; warnings: Warned[]; ask: Ask<Told> } | null>(null);
  const shown = ref<{ kind: Kind; subject: string } | null>(null);
  const versions = shallowRef<TuningVersion[]>([]);

  /** True when it is kept; where the server warns, it is kept after {@link confirm}. */
  async function change(name: string, ask: Ask<Told>, confirmed = false): Promise<boolean> {
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
    of.take(found);
    asked.value = null;
    notices.say("good", of.saved());
    if (shown.value) await history(shown.value.kind, shown.value.subject);
    return true;
  }

  async function confirm(): Promise<void> {
    if (asked.value) await change(asked.value.name, asked.value.ask, true);
  }

  const undo = (kind: Kind, subject: string, to: number, based_on: number): Promise<boolean> =>
    change(`undo-${kind}-${subject}`, async (confirmed) => {
      try {
        return await of.undo(kind, subject, { to, based_on, confirmed });
      } catch (error) {
        throw asSentence(error);
      }
    });

  async function history(kind: Kind, subject: string): Promise<void> {
    const found = await run("history", () => of.versions(kind, subject));
    if (!found) return;
    versions.value = found;
    shown.value = { kind, subject };
  }

  return { asked, shown, versions, change, confirm, undo, history };
}
