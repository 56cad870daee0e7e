/** Flags on numbers: what the line does with a caller, why, until when; the agent's shield. */

import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import type { NumberFlag, Reviewer } from "@/core/types";
import { t } from "@/locales";
import { useNotices } from "./notices";
import { api } from "./session";

export interface NewFlag {
  number: string;
  flag: "patient" | "message" | null;
  tone: string;
  reason: string;
  reviewer: string;
  expires_at: string;
}

export const useFlags = defineStore("flags", () => {
  const notices = useNotices();
  const list = shallowRef<NumberFlag[]>([]);
  /** Who may answer for a flag of mine. */
  const reviewers = shallowRef<Reviewer[]>([]);
  const busy = ref<string | null>(null);
  /** Abuse steps this desk asked for, by call. */
  const steps = ref<Record<string, number>>({});

  async function run<T>(name: string, work: () => Promise<T>): Promise<T | null> {
    if (busy.value) return null;
    busy.value = name;
    try {
      return await work();
    } catch (error) {
      notices.error(error);
      return null;
    } finally {
      busy.value = null;
    }
  }

  async function load(): Promise<void> {
    list.value = (await run("load", () => api.flags())) ?? list.value;
  }

  async function loadReviewers(): Promise<void> {
    try {
      reviewers.value = await api.reviewers();
    } catch (error) {
      notices.error(error);
    }
  }

  async function create(flag: NewFlag): Promise<NumberFlag | null> {
    const made = await run("create", () => api.createFlag(flag));
    if (made) {
      notices.say("good", t("flag.saved"));
      put(made);
    }
    return made;
  }

  const appeal = async (id: string, text: string) => put(await run(id, () => api.appealFlag(id, text)));
  const lift = async (id: string, reason: string) => put(await run(id, () => api.liftFlag(id, reason)));

  function put(flag: NumberFlag | null): void {
    if (flag) list.value = [flag, ...list.value.filter((f) => f.id !== flag.id)];
  }

  /** Once more: the first two times the citizen hears a warning, the third time somebody else takes over or the call ends. */
  async function abuse(callId: string): Promise<void> {
    const step = await run("abuse", () => api.reportAbuse(callId));
    if (!step) return;
    steps.value = { ...steps.value, [callId]: step.step };
    notices.say("info", t(`abuse.done.${step.step}`));
  }

  return { reviewers, loadReviewers, list, busy, steps, load, create, appeal, lift, abuse };
});
