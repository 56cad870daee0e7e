/** Everybody with an account. The server's answer is the truth; a password is kept only until it was read. */

import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { useAsking } from "@/composables/useAsking";
import { useTurns } from "@/composables/useTurns";
import type { User, UserForm } from "@/core/types";
import { t } from "@/locales";
import { useNotices } from "./notices";
import { api } from "./session";

export const useUsers = defineStore("users", () => {
  const notices = useNotices();
  const list = shallowRef<User[]>([]);
  const queues = shallowRef<string[]>([]);
  const told = ref<{ login: string; password: string } | null>(null);
  const turns = useTurns();
  const { busy, run, once } = turns;
  const { asked, kept, change: ask, confirm } = useAsking<User>(turns, (user) => {
    take(user);
    notices.say("good", t("user.saved"));
  }, load);

  async function load(): Promise<void> {
    const found = await run("load", () => api.users());
    if (found) [list.value, queues.value] = [found.items, found.queues];
  }

  function take(user: User): void {
    const others = list.value.filter((u) => u.id !== user.id);
    list.value = [...others, user].sort((a, b) => a.login.localeCompare(b.login));
  }

  async function create(form: UserForm): Promise<boolean> {
    const made = await once("create", () => api.createUser(form));
    if (!made) return false;
    take(made.user);
    told.value = { login: made.user.login, password: made.password };
    return true;
  }

  async function change(id: string, form: UserForm, based_on: string): Promise<boolean> {
    const { display_name, role, agent_no, seat, locale, queues } = form;
    return ask(id, (confirmed) => api.changeUser(id, { display_name, role, agent_no, seat, locale, queues, based_on, confirmed }));
  }

  async function reset(id: string): Promise<void> {
    const made = await once(id, () => api.resetPassword(id));
    if (!made) return;
    take(made.user);
    told.value = { login: made.user.login, password: made.password };
  }

  const lock = (user: User) => ask(`lock ${user.id}`, (confirmed) => (user.active ? api.lockUser(user.id, confirmed) : api.unlockUser(user.id)));

  return { list, queues, told, busy, asked, kept, confirm, load, create, change, reset, lock };
});
