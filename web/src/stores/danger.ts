/** Danger calls: raising one, and, for supervisors, the open ones that must be acknowledged. */

import { defineStore } from "pinia";
import { computed, ref, shallowRef, watch } from "vue";
import { LoadedList } from "@/core/loadedList";
import { ApiProblem } from "@/core/problem";
import type { Danger } from "@/core/types";
import { useLive } from "./live";
import { useNotices } from "./notices";
import { api, useSession } from "./session";

export type Raising = "idle" | "asking" | "raised" | "failed";

export const useDanger = defineStore("danger", () => {
  const live = useLive();
  const session = useSession();
  const notices = useNotices();
  const open = shallowRef<Danger[]>([]);
  const list = new LoadedList<Danger>(() => open.value, (found) => (open.value = watches.value ? found : []));
  const acknowledging = ref<string | null>(null);
  /** The call this desk raised the alarm for, and what became of it. */
  const mine = ref<{ callId: string; state: Raising; problem: string; danger: Danger | null } | null>(null);
  const watches = computed(() => session.account?.role === "supervisor");
  const unseen = computed(() => open.value.filter((d) => !d.acknowledged_at));
  /** Somebody has them in hand; they go on. */
  const followed = computed(() => open.value.filter((d) => d.acknowledged_at && !d.ended_at));

  async function raise(callId: string, draftId: string | null): Promise<void> {
    if (mine.value?.callId === callId && mine.value.state !== "failed") return;
    mine.value = { callId, state: "asking", problem: "", danger: null };
    try {
      take(callId, await api.raiseDanger(callId, draftId));
    } catch (error) {
      if (mine.value?.callId !== callId) return;
      mine.value = { ...mine.value, state: "failed", problem: error instanceof ApiProblem ? error.code : "web.unreachable" };
    }
  }

  function take(callId: string, danger: Danger): void {
    if (mine.value?.callId === callId) mine.value = { callId, state: "raised", problem: "", danger };
  }

  /** The panel goes when the agent puts it away; the alarm itself stays with the supervisors. */
  const putAway = (): void => void (mine.value = null);

  async function load(): Promise<void> {
    if (!session.account) return;
    try {
      const found = await list.load(api.openDangers);
      const here = found?.find((d) => d.call_id === live.call?.call_id && d.agent_no === session.account?.agent_no);
      if (here && !mine.value) mine.value = { callId: here.call_id, state: "raised", problem: "", danger: here };
    } catch (error) {
      if (watches.value) notices.error(error);
    }
  }

  async function acknowledge(id: string): Promise<void> {
    if (acknowledging.value) return;
    acknowledging.value = id;
    try {
      put(await api.acknowledgeDanger(id));
    } catch (error) {
      notices.error(error);
    } finally {
      acknowledging.value = null;
    }
  }

  /** The citizen is safe: nobody calls back any more. */
  async function close(id = mine.value?.danger?.id): Promise<void> {
    if (!id) return;
    try {
      put(await api.closeDanger(id));
      if (mine.value?.danger?.id === id) putAway();
    } catch (error) {
      notices.error(error);
    }
  }

  function put(danger: Danger): void {
    if (mine.value?.danger?.id === danger.id) mine.value = { ...mine.value, danger };
    const left = danger.ended_at && danger.acknowledged_at ? [] : [danger];
    list.change((found) => [...found.filter((d) => d.id !== danger.id), ...left].sort((a, b) => a.raised_at.localeCompare(b.raised_at)));
  }

  live.onRow((row) => {
    if (row.topic !== "danger") return;
    if (row.body && "raised_at" in row.body) put(row.body as unknown as Danger);
    else void load();
  });
  live.onHello(() => void load());
  // Over, and another call is here: its number and place must not be read out for this one.
  watch(() => live.call?.call_id, (id) => {
    if (id && mine.value && mine.value.callId !== id && mine.value.danger?.ended_at) putAway();
  });
  watch(() => session.account?.id, () => {
    list.forget();
    mine.value = null;
  });

  return { open, unseen, followed, mine, watches, acknowledging, raise, putAway, acknowledge, close, load };
});
