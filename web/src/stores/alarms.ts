/** Attempts that were refused, open until somebody acknowledges them. The server's table is the truth, never this page. */

import { defineStore } from "pinia";
import { ref, shallowRef, watch } from "vue";
import type { Alarm } from "@/core/types";
import { useLive } from "./live";
import { useNotices } from "./notices";
import { api, useSession } from "./session";

const TOGETHER_MS = 300;

export const useAlarms = defineStore("alarms", () => {
  const live = useLive();
  const session = useSession();
  const notices = useNotices();
  const open = shallowRef<Alarm[]>([]);
  /** Open ones, and a week's acknowledged ones with who did it. */
  const all = shallowRef<Alarm[]>([]);
  const busy = ref<string | null>(null);
  let asked = 0;
  let due: ReturnType<typeof setTimeout> | undefined;

  /** The answer to the newest question counts: an older one that comes late would show again what was acknowledged. */
  async function load(): Promise<void> {
    if (session.account?.role !== "supervisor") return;
    const turn = ++asked;
    try {
      const found = await api.openAlarms();
      if (turn === asked) open.value = found;
    } catch (error) {
      notices.error(error);
    }
  }

  async function loadAll(): Promise<void> {
    try {
      all.value = await api.alarms();
    } catch (error) {
      notices.error(error);
    }
  }

  /** What came while it was on its way stays open: the server says what is left. */
  async function acknowledge(id: string): Promise<void> {
    if (busy.value) return;
    busy.value = id;
    try {
      await api.acknowledgeAlarm(id);
      await load();
    } catch (error) {
      notices.error(error);
    } finally {
      busy.value = null;
    }
  }

  /** A flood of rows asks the server once. */
  function soon(): void {
    due ??= setTimeout(() => {
      due = undefined;
      void load();
    }, TOGETHER_MS);
  }

  live.onRow((row) => row.topic === "alarm" && soon());
  live.onHello(() => void load());
  watch(() => session.account?.id, () => {
    open.value = [];
    all.value = [];
  });

  return { open, all, busy, load, loadAll, acknowledge };
});
