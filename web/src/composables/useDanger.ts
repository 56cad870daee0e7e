/** The danger key: guarded (core/guardedKey.ts), on the keyboard and on the screen; and what is ready to be read out. */

import { computed, onBeforeUnmount, ref, type Ref } from "vue";
import { citizenNumber } from "@/core/desk";
import { type Guard, type GuardFact, guardIdle, guardStep, heldShare } from "@/core/guardedKey";
import { KEYS } from "@/core/keymap";
import { readOut } from "@/core/lastWords";
import type { CallLive } from "@/core/types";
import { useCases } from "@/stores/cases";
import { useDanger } from "@/stores/danger";
import { useDrafts } from "@/stores/drafts";
import { usePhone } from "@/stores/phone";
import { currentLocale } from "@/locales";
import { whileShown } from "./useDeskKeys";

const TICK_MS = 50;
const guard = ref<Guard>(guardIdle);
const share = ref(0);
let timer: ReturnType<typeof setInterval> | undefined;
let fire = (): void => {};

function feel(fact: GuardFact): void {
  const at = performance.now();
  const [next, fires] = guardStep(guard.value, fact, at);
  guard.value = next;
  share.value = heldShare(next, at);
  const waits = next.phase === "holding" || next.phase === "armed";
  if (waits) timer ??= setInterval(() => feel("tick"), TICK_MS);
  else {
    clearInterval(timer);
    timer = undefined;
  }
  if (fires) fire();
}

/** The button and the key are one guard: a strike on either counts. */
export const useDangerGuard = () => ({ guard, share, feel });

export function useDangerKey(shown: Ref<CallLive | null>): void {
  const danger = useDanger();
  const drafts = useDrafts();
  const phone = usePhone();
  // Also in the wrap-up: who sobs and hangs up is in danger still. And without a server: the panel is ready, and says what failed.
  const possible = computed(() => !!shown.value || phone.state.leg.state === "talking");
  const isKey = (e: KeyboardEvent): boolean => (e.code === KEYS.danger.key || e.key === KEYS.danger.key) && !e.shiftKey && !e.ctrlKey && !e.altKey && !e.metaKey;

  function down(event: KeyboardEvent): void {
    if (!isKey(event)) return;
    event.preventDefault(); // never the browser's own F12
    if (possible.value && !event.repeat) feel("down");
  }
  const up = (event: KeyboardEvent): void => void ((event.code === KEYS.danger.key || event.key === KEYS.danger.key) && feel("up"));
  const blur = (): void => feel("blur");

  fire = () => {
    const call = shown.value;
    const draft = [...drafts.records.values()].find((r) => call && r.callId === call.call_id) ?? drafts.active;
    void danger.raise(call?.call_id ?? "", draft?.id ?? null);
    drafts.flush();
  };
  whileShown(() => {
    window.addEventListener("keydown", down, { capture: true });
    window.addEventListener("keyup", up, { capture: true });
    window.addEventListener("blur", blur);
  }, () => {
    window.removeEventListener("keydown", down, { capture: true });
    window.removeEventListener("keyup", up, { capture: true });
    window.removeEventListener("blur", blur);
    feel("blur");
  });
  onBeforeUnmount(() => (fire = () => {}));
}

/** Number, place and last words of a call, from the form as it stands now. */
export function useReadOut(call: () => CallLive | null, callId: () => string) {
  const drafts = useDrafts();
  const cases = useCases();
  return computed(() => {
    const record = [...drafts.records.values()].find((r) => r.callId === callId()) ?? drafts.active;
    const lang = currentLocale() === "en" ? "en" : "zh";
    const district = cases.districts.find((d) => d.code === record?.body.district)?.name[lang] ?? "";
    return readOut(record?.body ?? null, citizenNumber(call()), district);
  });
}
