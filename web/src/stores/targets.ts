/** The address book as the picker shows it, and the names of numbers on the roster. */

import { defineStore } from "pinia";
import { computed, ref, shallowReactive, shallowRef } from "vue";
import { readable } from "@/core/number";
import { mine } from "@/core/roster";
import { rowsOf, type TargetRow, type TargetWay } from "@/core/targets";
import type { CallLive, Party, TargetHit } from "@/core/types";
import { t } from "@/locales";
import { useNotices } from "./notices";
import { api, useSession } from "./session";

interface Asked {
  row: TargetRow;
  way: TargetWay;
}

export const useTargets = defineStore("targets", () => {
  const notices = useNotices();
  const session = useSession();
  const text = ref("");
  const hits = shallowRef<TargetHit[]>([]);
  const searching = ref(false);
  const rows = computed(() => rowsOf(hits.value, text.value));
  /** Agencies picked for a conference, in the order they were picked. */
  const picked = ref<TargetRow[]>([]);
  /** Whom this desk asked, by number: its name, and how, for a second try. */
  const asked = shallowReactive(new Map<string, Asked>());
  /** The case of the last call out: the form of that call belongs to it. */
  const dialledFor = ref<string | null>(null);
  const names = shallowReactive(new Map<string, string>());
  const looking = new Set<string>();
  const police = computed(() => session.account?.police_number ?? "110");
  let turn = 0;

  async function search(typed: string): Promise<void> {
    text.value = typed;
    const now = ++turn;
    searching.value = true;
    try {
      const found = await api.targets(typed.trim());
      if (now === turn) hits.value = found;
    } catch (error) {
      if (now === turn) notices.error(error);
    } finally {
      if (now === turn) searching.value = false;
    }
  }

  function remember(row: TargetRow, way: TargetWay): void {
    if (row.number) asked.set(row.number, { row, way });
    if (row.number && row.name) names.set(row.number, row.name);
  }

  function togglePicked(row: TargetRow): void {
    const there = picked.value.some((r) => r.key === row.key);
    picked.value = there ? picked.value.filter((r) => r.key !== row.key) : [...picked.value, row];
  }

  /** A leg somebody else asked for: its number is looked up once. */
  async function look(number: string): Promise<void> {
    if (!number || names.has(number) || looking.has(number)) return;
    looking.add(number);
    try {
      const found = (await api.targets(number)).find((h) => h.number === number || (h.kind === "seat" && h.id === number));
      if (found) names.set(number, found.name);
    } catch {
      looking.delete(number); // the number itself is shown; asked again with the next picture
    }
  }

  function nameOf(p: Party, call: CallLive | null): string {
    if (p.kind === "citizen") return t("party.citizen");
    if (mine(call, session.account?.agent_no) === p) return t("party.me");
    if (p.number === police.value) return t("party.police");
    void look(p.number);
    const name = names.get(p.number);
    return name ?? (p.kind === "seat" && p.agent_no ? t("agent.no", { no: p.agent_no }) : readable(p.number));
  }

  return { police, dialledFor, text, hits, rows, searching, picked, asked, names, search, remember, togglePicked, nameOf };
});
