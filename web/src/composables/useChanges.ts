/** Changes that may ask first, and their versions; the server is the truth. */

import { ref, shallowRef } from "vue";
import { ApiProblem } from "@/core/problem";
import type { Kind } from "@/core/tuning";
import type { TuningVersion } from "@/core/types";
import { useNotices } from "@/stores/notices";
import { type Asking, useAsking } from "./useAsking";
import type { useTurns } from "./useTurns";

export interface Undo {
  to: number;
  based_on: number;
  confirmed: boolean;
}

interface Of<Told> {
  turns: ReturnType<typeof useTurns>;
  take(told: Told): void;
  load(): Promise<void>;
  saved(): string;
  versions(kind: Kind, subject: string): Promise<TuningVersion[]>;
  undo(kind: Kind, subject: string, undo: Undo): Promise<Told>;
}

/** A store, as its history sees it. */
export interface Changes extends Asking {
  shown: { kind: Kind; subject: string } | null;
  versions: TuningVersion[];
  undo(kind: Kind, subject: string, to: number, based_on: number): Promise<boolean>;
}

/** A wrong value in what is to hold again has no field beside which it could be said. */
function asSentence(error: unknown): unknown {
  return error instanceof ApiProblem && error.fields.length ? new ApiProblem(error.status, error.code, error.fields.map((f) => f.message).join(" "), [], error.body) : error;
}

export function useChanges<Told>(of: Of<Told>) {
  const notices = useNotices();
  const shown = ref<{ kind: Kind; subject: string } | null>(null);
  const versions = shallowRef<TuningVersion[]>([]);
  const { asked, kept, change, confirm } = useAsking<Told>(of.turns, async (told) => {
    of.take(told);
    notices.say("good", of.saved());
    if (shown.value) await history(shown.value.kind, shown.value.subject);
  }, of.load);

  const undo = (kind: Kind, subject: string, to: number, based_on: number): Promise<boolean> =>
    change(`undo-${kind}-${subject}`, async (confirmed) => {
      try {
        return await of.undo(kind, subject, { to, based_on, confirmed });
      } catch (error) {
        throw asSentence(error);
      }
    });

  async function history(kind: Kind, subject: string): Promise<void> {
    const found = await of.turns.run("history", () => of.versions(kind, subject));
    if (!found) return;
    versions.value = found;
    shown.value = { kind, subject };
  }

  return { asked, kept, shown, versions, change, confirm, undo, history };
}
