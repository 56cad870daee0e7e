/** What the site chose otherwise than the installation. The server's answer is the truth. */

import { defineStore } from "pinia";
import { shallowRef } from "vue";
import { useTurns } from "@/composables/useTurns";
import type { Policy, PolicyList } from "@/core/types";
import { t } from "@/locales";
import { useNotices } from "./notices";
import { api } from "./session";

export const usePolicies = defineStore("policies", () => {
  const notices = useNotices();
  const told = shallowRef<PolicyList | null>(null);
  const { busy, run, once } = useTurns();

  async function load(): Promise<void> {
    told.value = (await run("load", () => api.policies())) ?? told.value;
  }

  /** null: as the installation says again. */
  async function decide(name: string, value: Policy["value"] | null): Promise<void> {
    const found = await once(name, () => api.setPolicies({ [name]: value }));
    if (!found) return;
    told.value = found;
    notices.say("good", t("policy.saved"));
  }

  return { told, busy, load, decide };
});
