/** The page of the audit: what was found, and how far its chain was looked at. */

import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { useTurns } from "@/composables/useTurns";
import { askedOf, noAuditFilters } from "@/core/audit";
import type { AuditLine, ChainStep } from "@/core/types";
import { useNotices } from "./notices";
import { api } from "./session";

export const useAudit = defineStore("audit", () => {
  const notices = useNotices();
  const filters = ref(noAuditFilters());
  const found = shallowRef<AuditLine[]>([]);
  const next = ref<number | null>(null);
  const searched = ref(false);
  const { busy, run, once } = useTurns();
  const chain = shallowRef<ChainStep | null>(null);
  const seen = ref(0);
  const verifying = ref(false);
  let last: Record<string, string> = {};

  async function search(): Promise<void> {
    const wanted = askedOf(filters.value);
    const page = await run("search", () => api.audit(wanted));
    if (!page) return;
    [last, searched.value, found.value, next.value] = [wanted, true, page.items, page.next];
  }

  async function more(): Promise<void> {
    if (next.value === null) return;
    const before = String(next.value);
    const page = await once("more", () => api.audit({ ...last, before }));
    if (page) [found.value, next.value] = [[...found.value, ...page.items], page.next];
  }

  /** From the first line to the last, a stretch at a time; until it breaks, ends, or `stop`. */
  async function verify(): Promise<void> {
    if (verifying.value) return;
    [verifying.value, chain.value, seen.value] = [true, null, 0];
    try {
      while (verifying.value) {
        const step: ChainStep = await api.auditChain(chain.value?.last ?? 0, chain.value?.head ?? "");
        chain.value = step;
        seen.value += step.rows;
        if (step.whole || step.broken_at !== null) break;
      }
    } catch (error) {
      notices.error(error);
    } finally {
      verifying.value = false;
    }
  }

  const stop = (): void => void (verifying.value = false);

  return { filters, found, next, searched, busy, chain, seen, verifying, search, more, verify, stop };
});
