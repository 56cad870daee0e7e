/** The capacity of one day, and the question asked about it. The last answer that was asked for counts. */

import { defineStore } from "pinia";
import { reactive, ref, shallowRef } from "vue";
import { askOf, busyRange, type Question } from "@/core/capacity";
import type { Capacity, SeatAdvice, WhatIfAnswer } from "@/core/types";
import { useNotices } from "./notices";
import { api } from "./session";

const SETTLED_MS = 350;

export const useCapacity = defineStore("capacity", () => {
  const notices = useNotices();
  const told = shallowRef<Capacity | null>(null);
  const answer = shallowRef<WhatIfAnswer | null>(null);
  const busy = ref(false);
  const question = reactive<Question>({ begin: 18, end: 22, more: 0, handling_s: "", patience_s: "", redial_percent: "" });
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function load(day: string): Promise<void> {
    const mine = ++asked;
    busy.value = true;
    answer.value = null;
    try {
      const found = await api.capacity(day);
      if (mine !== asked) return;
      told.value = found;
      [question.begin, question.end] = busyRange(found.slots);
      question.more = 0;
      await ask();
    } catch (error) {
      if (mine === asked) told.value = null;
      notices.error(error);
    } finally {
      if (mine === asked) busy.value = false;
    }
  }

  async function ask(): Promise<void> {
    const day = told.value;
    if (!day || (day.handling_s === null && !question.handling_s)) return;
    const mine = ++asked;
    busy.value = true;
    try {
      const found = await api.whatIf(askOf(day.day, day.slots, question));
      if (mine === asked) answer.value = found;
    } catch (error) {
      notices.error(error);
    } finally {
      if (mine === asked) busy.value = false;
    }
  }

  /** A slider is drawn over many values: only the one that it rests at is asked about. */
  function askSoon(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), SETTLED_MS);
  }

  function tryOut(advice: SeatAdvice): void {
    const slots = told.value?.slots ?? [];
    question.begin = slots.findIndex((s) => s.begin === advice.begin);
    question.end = slots.findIndex((s) => s.end === advice.end) + 1;
    question.more = advice.more;
    askSoon();
  }

  function reset(): void {
    Object.assign(question, { more: 0, handling_s: "", patience_s: "", redial_percent: "" });
    askSoon();
  }

  return { told, answer, busy, question, load, askSoon, tryOut, reset };
});
