/** Who the agents are, by their numbers: for the floor, while somebody looks at it. */

import { defineStore } from "pinia";
import { shallowRef, watch } from "vue";
import { Names } from "@/core/names";
import type { Person } from "@/core/types";
import { useLive } from "./live";
import { useNotices } from "./notices";
import { api, useSession } from "./session";

export const usePeople = defineStore("people", () => {
  const live = useLive();
  const session = useSession();
  const notices = useNotices();
  const all = shallowRef<Person[]>([]);
  const names = new Names({
    read: async () => (await api.floor()).people,
    told: (people) => (all.value = people),
    failed: (error) => notices.error(error),
  });

  live.onHello(() => names.hello());
  watch(() => live.picture.agents, (agents) => names.seen(Object.keys(agents)));
  watch(() => session.account?.id, () => (all.value = []));

  return { all, start: () => names.start(), stop: () => names.stop() };
});
