/** Raised hands: my own, and, for supervisors, everybody's. */

import { defineStore } from "pinia";
import { computed, ref, shallowRef, watch } from "vue";
import type { Hand } from "@/core/types";
import { useLive } from "./live";
import { useNotices } from "./notices";
import { api, useSession } from "./session";

export const useHands = defineStore("hands", () => {
  const live = useLive();
  const session = useSession();
  const notices = useNotices();
  const up = shallowRef<Hand[]>([]);
  const busy = ref<string | null>(null);
  const mine = computed(() => up.value.find((h) => h.agent_no === session.account?.agent_no) ?? null);

  function put(hand: Hand): void {
    const others = up.value.filter((h) => h.id !== hand.id);
    up.value = hand.ended_at ? others : [...others, hand].sort((a, b) => a.raised_at.localeCompare(b.raised_at));
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
      up.value = await api.hands();
    } catch (error) {
      if (session.account?.role === "supervisor") notices.error(error);
    }
  }

  live.onRow((row) => row.topic === "hand" && row.body && put(row.body as unknown as Hand));
  live.onHello(() => void load());
  watch(() => session.account?.id, () => (up.value = []));

  return { up, mine, busy, raise, answer, lower, load };
});
