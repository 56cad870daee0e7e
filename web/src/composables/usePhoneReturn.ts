/**
 * After a reload the agent is still in the queue: the phone of this page registers again by itself. On a machine where
 * the phone was not, nothing is taken over unasked: the screen says where it is. Unless nobody answers there any more.
 */

import { watch } from "vue";
import type { AgentLive } from "@/core/types";
import { useLive } from "@/stores/live";
import { useNotices } from "@/stores/notices";
import { usePhone } from "@/stores/phone";

export function usePhoneReturn(): void {
  const live = useLive();
  const phone = usePhone();
  const notices = useNotices();

  watch(() => [live.known, live.agent?.phone] as const, async ([known, kind]) => {
    if (!known || !kind) return;
    phone.kind = kind === "telephone" ? "telephone" : "browser";
    if (kind !== "browser" || phone.running || phone.elsewhere) return;
    try {
      await phone.loadSeat();
    } catch (error) {
      return notices.error(error);
    }
    if (phone.wasHere() || orphaned(live.agent)) await phone.start();
    else phone.elsewhere = true;
  }, { immediate: true });
}

/** The switch cannot reach the seat's phone, or its page went away: there is nobody to take it from. */
function orphaned(agent: AgentLive | null): boolean {
  return agent?.state === "unreachable" || !!agent?.reasons.includes("phone:network");
}
