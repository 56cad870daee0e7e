/** The page of recordings: what was found, one that is looked at with its scores, appeals, averages, the shelf. */

import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { useTurns } from "@/composables/useTurns";
import { asked, type Filters, noFilters } from "@/core/recordings";
import type { Average, RecordingFound, RecordingScores, Score, ScoreForm, ShelfItem } from "@/core/types";
import { t } from "@/locales";
import { useNotices } from "./notices";
import { api } from "./session";

export type Tab = "search" | "scores" | "shelf";

export const useRecordings = defineStore("recordings", () => {
  const notices = useNotices();
  const filters = ref<Filters>(noFilters());
  const tab = ref<Tab>("search");
  const found = shallowRef<RecordingFound[]>([]);
  const next = ref<string | null>(null);
  const searched = ref(false);
  const { busy, run, once } = useTurns();
  const opened = shallowRef<RecordingFound | null>(null);
  const scores = shallowRef<RecordingScores | null>(null);
  const forms = shallowRef<ScoreForm[]>([]);
  const list = shallowRef<Score[]>([]);
  const averages = shallowRef<Average[]>([]);
  const shelf = shallowRef<ShelfItem[]>([]);
  let last: Record<string, string> = {};

  async function search(): Promise<void> {
    const wanted = asked(filters.value);
    const page = await run("search", () => api.recordings(wanted));
    if (!page) return;
    last = wanted;
    searched.value = true;
    found.value = page.items;
    next.value = page.next;
  }

  async function more(): Promise<void> {
    const page = await once("more", () => api.recordings({ ...last, after: next.value ?? "" }));
    if (!page) return;
    found.value = [...found.value, ...page.items];
    next.value = page.next;
  }

  async function open(row: RecordingFound): Promise<void> {
    opened.value = row;
    scores.value = null;
    const told = await run("open", async () => [await api.scoresOf(row.recording.id), forms.value.length ? forms.value : await api.scoreForms()] as const);
    if (!told || opened.value?.recording.id !== row.recording.id) return;
    [scores.value, forms.value] = [told[0], told[1]];
  }

  const close = (): void => {
    opened.value = scores.value = null;
  };

  /** The first score, or, with an appeal's id, the one that answers it. */
  async function give(score: object, appeal: string | null): Promise<boolean> {
    const row = opened.value;
    if (!row) return false;
    const made = await once("give", () => (appeal ? api.answerAppeal(appeal, score) : api.giveScore(row.recording.id, score)));
    if (!made) return false;
    scores.value = made;
    notices.say("good", t("score.given"));
    const standing = made.items.find((s) => s.standing);
    const brief = standing ? { total: standing.total, scores: made.items.length, appealed: !!standing.appeal } : null;
    found.value = found.value.map((r) => (r.recording.id === row.recording.id ? { ...r, score: brief } : r));
    return true;
  }

  async function appeal(score: Score, reason: string): Promise<boolean> {
    const made = await once("appeal", () => api.appealScore(score.id, reason));
    if (!made) return false;
    notices.say("good", t("score.appealSent"));
    await Promise.all([loadScores(), opened.value ? open(opened.value) : undefined]);
    return true;
  }

  async function loadScores(): Promise<void> {
    const told = await run("scores", () => Promise.all([api.scores(), api.averages()]));
    if (told) [list.value, averages.value] = told;
  }

  async function loadShelf(): Promise<void> {
    shelf.value = (await run("shelf", () => api.shelf())) ?? shelf.value;
  }

  async function putOnShelf(recording_id: string, title: string, reason: string): Promise<boolean> {
    const now = await once("shelve", () => api.putOnShelf({ recording_id, title, reason }));
    if (!now) return false;
    shelf.value = now;
    mark(recording_id, true);
    notices.say("good", t("shelf.put"));
    return true;
  }

  async function takeOff(item: ShelfItem, reason: string): Promise<boolean> {
    const now = await once("shelve", () => api.takeOffShelf(item.id, reason));
    if (!now) return false;
    shelf.value = now;
    mark(item.recording.recording.id, false);
    return true;
  }

  function mark(id: string, on_shelf: boolean): void {
    found.value = found.value.map((r) => (r.recording.id === id ? { ...r, on_shelf } : r));
    if (opened.value?.recording.id === id) opened.value = { ...opened.value, on_shelf };
  }

  async function exportCopy(id: string, reason: string, format: string): Promise<boolean> {
    const copy = await once("export", () => api.exportRecording(id, { reason, format }));
    if (!copy) return false;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(copy.blob);
    link.download = copy.name;
    link.click();
    URL.revokeObjectURL(link.href);
    notices.say("good", t("export.done"));
    return true;
  }

  return { filters, tab, found, next, searched, busy, opened, scores, forms, list, averages, shelf, search, more, open, close, give, appeal, loadScores, loadShelf, putOnShelf, takeOff, exportCopy };
});
