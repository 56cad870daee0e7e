/** Raised hands: my own, and, for supervisors, everybody's. */

import { defineStore } from "pinia";
import { computed, ref, shallowRef, watch } from "vue";
import { LoadedList } from "@/core/loadedList";
import type { Hand } from "@/core/types";
import { useLive } from "./live";
import { useNotices } from "./notices";
import { api, useSession } from "./session";

export const useHands = defineStore("hands", () => {
  const live = useLive();
  const session = useSession();
  const notices = useNotices();
  const up = shallowRef<Hand[]>([]);
  const list = new LoadedList<Hand>(() => up.value, (hands) => (up.value = hands));
  const busy = ref<string | null>(null);
  const mine = computed(() => up.value.find((h) => h.agent_no === session.account?.agent_no) ?? null);

  const down = (id: string): void => list.change((hands) => hands.filter((h) => h.id !== id));
  function put(hand: Hand): void {
    if (hand.ended_at) return down(hand.id);
    list.change((hands) => [...hands.filter((h) => h.id !== hand.id), hand].sort((a, b) => a.raised_at.localeCompare(b.raised_at)));
  }

  /** One at a time; what went wrong is said. */
  async function doing(name: string, work: () => Promise<Hand>): Promise<void> {
    if (busy.value) return;
    busy.value = name;
    try {
      put(await work());
    } catch (error) {
      notices.error(error);
      void load();
    } finally {
      busy.value = null;
    }
  }
  const raise = (reason: string): Promise<void> => doing("raise", () => api.raiseHand(crypto.randomUUID(), reason));
  const answer = (id: string): Promise<void> => doing(id, () => api.answerHand(id));
  const lower = (id: string): Promise<void> => doing(id, () => api.lowerHand(id));

  async function load(): Promise<void> {
    if (!session.account) return;
    try {
      await list.load(api.hands);
    } catch (error) {
      if (session.account?.role === "supervisor") notices.error(error);
    }
  }

  // One without a body is down, and more than that is not for this screen.
  live.onRow((row) => row.topic === "hand" && (row.body ? put(row.body as unknown as Hand) : down(row.key)));
  live.onHello(() => void load());
  watch(() => session.account?.id, () => list.forget());

  return { up, mine, busy, raise, answer, lower, load };
});
