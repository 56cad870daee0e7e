/** Citizens whom nobody reached: the list, and the one that this agent has in hand. */

import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import type { Callback, CallbackTaken } from "@/core/types";
import { t } from "@/locales";
import { useLive } from "./live";
import { useNotices } from "./notices";
import { api, useSession } from "./session";

const LOOK_MS = 10_000; // others' entries come and go without a row of ours

export const useCallbacks = defineStore("callbacks", () => {
  const live = useLive();
  const notices = useNotices();
  const session = useSession();
  const list = shallowRef<Callback[]>([]);
  const total = ref(0); // the list may be the first of more
  const offered = ref(false);
  const waiting = ref(0);
  const onlyMine = ref(false);
  const loading = ref(false);
  const busy = ref<string | null>(null);
  let watching = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  async function load(): Promise<void> {
    loading.value = true;
    try {
      const found = await api.callbacks(onlyMine.value);
      list.value = found.items;
      total.value = found.total;
      offered.value = found.offered ?? false;
      waiting.value = found.waiting ?? 0;
    } catch (error) {
      notices.error(error);
    } finally {
      loading.value = false;
    }
  }

  /** While a list is on the screen; returns what ends it. */
  function watch(): () => void {
    if (watching++ === 0) timer = setInterval(() => void load(), LOOK_MS);
    void load();
    return () => {
      if (--watching === 0) clearInterval(timer);
    };
  }

  async function run(name: string, work: () => Promise<unknown>): Promise<void> {
    if (busy.value) return;
    busy.value = name;
    try {
      await work();
    } catch (error) {
      notices.error(error);
    } finally {
      busy.value = null;
    }
    await load();
  }

  const call = (work: (id: string) => Promise<CallbackTaken>) => async (): Promise<void> => {
    const taken = await work(crypto.randomUUID());
    notices.say("info", t("callback.calling", { number: taken.callback.number_display }));
  };
  const next = () => run("next", call((id) => api.nextCallback(id)));
  const take = (entry: Callback) => run(entry.id, call((id) => api.takeCallback(entry.id, id)));
  const release = (entry: Callback) => run(entry.id, () => api.releaseCallback(entry.id));
  const close = (entry: Callback, reason: string) => run(entry.id, () => api.closeCallback(entry.id, reason));

  live.onRow((row) => {
    const ours = row.topic === "command" && list.value.some((e) => e.command_id && e.command_id === row.body?.command_id);
    if (watching && session.isAgent && (ours || row.topic === "record")) void load();
  });

  return { list, total, offered, waiting, onlyMine, loading, busy, load, watch, next, take, release, close };
});
