/** A tick that re-reads the server's clock. Hidden tabs tick rarely: the value is read anew each time, never counted. */

import { onScopeDispose, ref } from "vue";
import { clock } from "@/stores/live";

const TICK_MS = 250;
const tick = ref(0);
let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function useNow() {
  if (users++ === 0) timer = setInterval(() => (tick.value += 1), TICK_MS);
  onScopeDispose(() => {
    if (--users === 0) clearInterval(timer);
  });
  const read = <T>(f: () => T): T => (tick.value >= 0 ? f() : f());
  return {
    now_ms: () => read(() => clock.now()),
    since_s: (iso: string | null | undefined) => read(() => clock.since_s(iso)),
    until_s: (iso: string | null | undefined) => read(() => clock.until_s(iso)),
  };
}
