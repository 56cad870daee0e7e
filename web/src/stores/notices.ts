/** Short messages to the agent, also read aloud by screen readers. Errors stay until they are closed. */

import { defineStore } from "pinia";
import { ref } from "vue";
import { ApiProblem, Unreachable } from "@/core/problem";
import { t } from "@/locales";

export interface Notice {
  id: number;
  tone: "info" | "good" | "bad";
  text: string;
  code: string;
}

const INFO_MS = 6000;

export const useNotices = defineStore("notices", () => {
  const list = ref<Notice[]>([]);
  let count = 0;

  function say(tone: Notice["tone"], text: string, code = ""): void {
    list.value = list.value.filter((n) => n.text !== text).slice(-3);
    const id = ++count;
    list.value.push({ id, tone, text, code });
    if (tone !== "bad") setTimeout(() => close(id), INFO_MS);
  }

  /** An error of any kind: the server's own sentence where it gave one, and always a code. */
  function error(problem: unknown): void {
    if (problem instanceof ApiProblem) say("bad", problem.detail || t("error.http", { status: problem.status }), problem.code);
    else if (problem instanceof Unreachable) say("bad", t("error.unreachable"), problem.code);
    else say("bad", String(problem), "web.bug");
  }

  function close(id: number): void {
    list.value = list.value.filter((n) => n.id !== id);
  }

  return { list, say, error, close };
});
