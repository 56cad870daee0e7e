/** Listen, whisper, barge in, take over: asked, pending, confirmed by the live ears. */

import { computed } from "vue";
import { canHear, EAR_MODES, earOf, holderOf, othersOn } from "@/core/ears";
import { isGone, mine } from "@/core/roster";
import type { CallLive, EarMode } from "@/core/types";
import { useLive } from "@/stores/live";
import { useSession } from "@/stores/session";

export function useEars(call: () => CallLive) {
  const live = useLive();
  const session = useSession();
  const me = computed(() => session.account?.agent_no ?? "");
  const id = computed(() => call().call_id);
  const ear = computed(() => earOf(live.picture, id.value, me.value));
  const others = computed(() => othersOn(live.picture, id.value, me.value));
  const holder = computed(() => holderOf(live.picture, id.value));
  const mayListen = computed(() => session.account?.role === "supervisor");
  const possible = computed(() => mayListen.value && canHear(call(), me.value));
  const pending = (kind: string): boolean => live.isPending(`call.${kind}`, id.value);
  const busy = computed(() => [...EAR_MODES, "stop_listening", "take_over"].some(pending) || ear.value?.state === "calling");

  function hear(mode: EarMode): void {
    const on = id.value;
    if (!busy.value) live.ask(`call.${mode}`, { call_id: on }, (p) => earOf(p, on, me.value)?.mode === mode || !p.calls[on], on);
  }
  function stop(): void {
    const on = id.value;
    live.ask("call.stop_listening", { call_id: on }, (p) => !earOf(p, on, me.value), on);
  }
  function takeOver(): void {
    const on = id.value;
    const taken = (c: CallLive | undefined): boolean => {
      const leg = mine(c, me.value);
      return !c || c.state === "ended" || (!!leg && !isGone(leg));
    };
    if (!busy.value) live.ask("call.take_over", { call_id: on, from_agent: call().agent_no ?? "" }, (p) => taken(p.calls[on]), on);
  }

  return { ear, others, holder, mayListen, possible, pending, busy, hear, stop, takeOver };
}
