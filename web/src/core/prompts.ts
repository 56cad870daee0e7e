/** The line's prompts as the page orders and finds them. Pure. */

import type { Prompt } from "./types";

export const isNumber = (prompt: Prompt): boolean => prompt.name.startsWith("digits/");

/** Where the page has a name for people: `lianxin/back-offer` → `promptName.back_offer`. */
export const titleKey = (name: string): string => `promptName.${name.replace(/^.*\//, "").replaceAll("-", "_")}`;

/** Whose name or words, in either language and any version, have it. */
export function said(prompts: readonly Prompt[], q: string): Prompt[] {
  const wanted = q.trim().toLowerCase();
  const has = (text: string) => text.toLowerCase().includes(wanted);
  return prompts.filter((p) => has(p.name) || p.spoken.some((s) => has(s.text) || s.versions.some((v) => has(v.text))));
}
