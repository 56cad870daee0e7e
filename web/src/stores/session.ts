/** Who sits here, in which language. Owns the one Http door. */

import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";
import { Http } from "@/core/http";
import { ApiProblem } from "@/core/problem";
import { server } from "@/core/server";
import type { Account, Locale } from "@/core/types";
import { currentLocale, useLocale } from "@/locales";

export const http = new Http();
export const api = server(http);

const isLocale = (text: string): text is Locale => text === "zh-CN" || text === "en";

export const useSession = defineStore("session", () => {
  const account = ref<Account | null>(null);
  /** The server ended the session while somebody was working: their text is kept. */
  const expired = ref(false);
  /** A call is on this page's telephone: it needs no session, and goes on without one. */
  const calling = ref(false);
  const over = ref(false);
  const isAgent = computed(() => !!account.value?.agent_no);

  http.language = currentLocale();
  http.onSignedOut = () => (over.value = account.value !== null);
  watch([over, calling], () => {
    if (!over.value || calling.value) return;
    over.value = false;
    expired.value = true;
    account.value = null;
  }, { flush: "sync" });

  async function load(): Promise<void> {
    try {
      take(await api.session());
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) account.value = null;
      else throw error;
    }
  }

  async function signIn(login: string, password: string): Promise<void> {
    take(await api.signIn(login, password));
    expired.value = false;
  }

  async function signOut(): Promise<void> {
    await api.signOut();
    account.value = null;
    expired.value = false;
  }

  async function setLocale(locale: Locale): Promise<void> {
    useLocale(locale);
    http.language = locale;
    if (account.value) account.value = await api.setLocale(locale);
  }

  const changePassword = (present: string, wanted: string): Promise<void> => api.changePassword(present, wanted);

  function take(found: Account): void {
    account.value = found;
    if (!isLocale(found.locale)) return;
    useLocale(found.locale);
    http.language = found.locale;
  }

  return { account, expired, calling, isAgent, load, signIn, signOut, setLocale, changePassword };
});
