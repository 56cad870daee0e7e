/** What the line says, and which version of it. The server's answer is the truth; "on the line" is the PBX's own word. */

import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import { useTurns } from "@/composables/useTurns";
import type { Prompt, PromptSpoken } from "@/core/types";
import { t } from "@/locales";
import { useNotices } from "./notices";
import { api } from "./session";

export const usePrompts = defineStore("prompts", () => {
  const notices = useNotices();
  const list = shallowRef<Prompt[]>([]);
  const { busy, run, once } = useTurns();
  /** Something is not yet what callers hear: worth asking again soon. */
  const underWay = computed(() => list.value.some((p) => p.spoken.some((s) => !s.on_line)));

  async function load(): Promise<void> {
    list.value = (await run("load", () => api.prompts())) ?? list.value;
  }

  async function take(key: string, work: () => Promise<Prompt>): Promise<boolean> {
    const told = await once(key, work);
    if (!told) return false;
    list.value = list.value.map((p) => (p.name === told.name ? told : p));
    notices.say("good", t("prompt.saved"));
    return true;
  }

  const replace = (name: string, language: PromptSpoken["language"], sound_id: string, text: string) =>
    take(`${language}/${name}`, () => api.replacePrompt({ language, name, sound_id, text }));
  const choose = (name: string, language: PromptSpoken["language"], version_id: string | null) =>
    take(`${language}/${name}`, () => api.choosePrompt({ language, name, version_id }));

  return { list, busy, underWay, load, replace, choose };
});
