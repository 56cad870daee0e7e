/** Languages of the desk: 简体中文 is the default and the reference; English must have every key (tested). */

import { createI18n } from "vue-i18n";
import type { Locale } from "@/core/types";
import en from "./en";
import zh from "./zh-CN";

const KEY = "lianxin.locale";
const stored = localStorage.getItem(KEY);

export const i18n = createI18n({
  legacy: false,
  locale: stored === "en" ? "en" : "zh-CN",
  fallbackLocale: "zh-CN",
  messages: { "zh-CN": zh, en },
});

export const t = i18n.global.t as (key: string, named?: Record<string, unknown>) => string;
export const te = (key: string): boolean => i18n.global.te(key);
export const currentLocale = (): Locale => i18n.global.locale.value as Locale;

export function useLocale(locale: Locale): void {
  i18n.global.locale.value = locale;
  localStorage.setItem(KEY, locale);
  document.documentElement.lang = locale;
}

document.documentElement.lang = currentLocale();
