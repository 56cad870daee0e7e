/** Looking things up: cases by text, number or telephone, one case, my calls, the lists a form chooses from. */

import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { siteDay } from "@/core/siteTime";
import type { CallBrief, CallerInfo, Case, CaseBrief, Category, District } from "@/core/types";
import { clock, useLive } from "./live";
import { useNotices } from "./notices";
import { api, useSession } from "./session";

const asList = <T>(found: T[] | { items: T[] }): T[] => (Array.isArray(found) ? found : found.items);

/** What somebody typed into the one search field: a case number, a telephone number, or words. */
export function searchOf(text: string): { q?: string; number?: string; phone?: string } {
  const compact = text.replace(/[\s]/g, "");
  if (/^\d{8}-?\d{6}$/.test(compact)) return { number: compact.replace(/^(\d{8})-?/, "$1-") };
  if (/^\+?\d{7,15}$/.test(compact)) return { phone: compact };
  return { q: text.trim() };
}

export const useCases = defineStore("cases", () => {
  const notices = useNotices();
  const live = useLive();
  const session = useSession();
  const found = shallowRef<CaseBrief[]>([]);
  const next = ref<string | null>(null);
  const searched = ref("");
  const searching = ref(false);
  const opened = shallowRef<Case | null>(null);
  const today = shallowRef<CallBrief[]>([]);
  const callers = shallowRef<Record<string, CallerInfo>>({});
  const categories = shallowRef<Category[]>([]);
  const districts = shallowRef<District[]>([]);
  let turn = 0;

  async function search(text: string): Promise<void> {
    const mine = ++turn;
    searched.value = text.trim();
    opened.value = null;
    searching.value = true;
    try {
      const page = await api.cases(searchOf(text));
      if (mine !== turn) return;
      found.value = page.items;
      next.value = page.next ?? null;
    } catch (error) {
      notices.error(error);
    } finally {
      if (mine === turn) searching.value = false;
    }
  }

  async function more(): Promise<void> {
    if (!next.value) return;
    try {
      const page = await api.cases({ ...searchOf(searched.value), after: next.value });
      found.value = [...found.value, ...page.items];
      next.value = page.next ?? null;
    } catch (error) {
      notices.error(error);
    }
  }

  async function open(id: string): Promise<void> {
    try {
      opened.value = await api.case(id);
    } catch (error) {
      notices.error(error);
    }
  }

  async function loadToday(): Promise<void> {
    try {
      today.value = (await api.myCalls(siteDay(new Date(clock.now()), session.account?.time_zone))).items;
    } catch {
      // the list keeps what it has; the lights already say that the server is away
    }
  }

  async function loadLists(): Promise<void> {
    try {
      const [c, d] = await Promise.all([api.categories(), api.districts()]);
      categories.value = asList(c);
      districts.value = asList(d);
    } catch (error) {
      notices.error(error);
    }
  }

  /** What the screen shows while it rings. Asked once per number and again when it calls again. */
  async function loadCaller(number: string): Promise<void> {
    try {
      callers.value = { ...callers.value, [number]: await api.caller(number) };
    } catch (error) {
      notices.error(error);
    }
  }

  live.onRow((row) => {
    if (row.topic === "record" || row.topic === "case") void loadToday();
    const shown = opened.value;
    if (!shown) return;
    const callId = (row.body?.call_id as string | undefined) ?? "";
    if (row.key === shown.id || shown.calls.some((c) => c.id === callId)) void open(shown.id);
  });

  return {
    found, next, searched, searching, opened, today, callers, categories, districts,
    search, more, open, loadToday, loadLists, loadCaller,
    close: () => (opened.value = null),
  };
});
