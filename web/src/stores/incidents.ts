/** Known outages: which are announced, how many were added, and their numbers. */

import { defineStore } from "pinia";
import { shallowRef } from "vue";
import { useTurns } from "@/composables/useTurns";
import type { Incident, IncidentCaller, Telling } from "@/core/types";
import { t } from "@/locales";
import { useNotices } from "./notices";
import { api } from "./session";

export const useIncidents = defineStore("incidents", () => {
  const notices = useNotices();
  const list = shallowRef<Incident[]>([]);
  const callers = shallowRef<{ id: string; items: IncidentCaller[] } | null>(null);
  const { busy, run, once } = useTurns();

  async function load(): Promise<void> {
    list.value = (await run("load", () => api.incidents())) ?? list.value;
    const open = callers.value?.id;
    const items = open && (await run("load", () => api.incidentCallers(open)));
    if (items && callers.value?.id === open) callers.value = { id: open, items };
  }

  async function start(title: string, area: string, sound_id: string): Promise<boolean> {
    const made = await once("start", () => api.startIncident({ title, area: area.trim() || null, sound_id }));
    if (!made) return false;
    list.value = [made, ...list.value];
    notices.say("good", t("incident.started"));
    return true;
  }

  async function end(id: string): Promise<void> {
    const ended = await once(id, () => api.endIncident(id));
    if (ended) list.value = list.value.map((i) => (i.id === id ? ended : i));
  }

  async function tell(id: string, sound_id: string): Promise<boolean> {
    const telling = await once(id, () => api.tellIncident(id, sound_id));
    if (telling) notices.say("good", t("tell.begun"));
    return told(id, telling);
  }

  async function stopTelling(id: string): Promise<void> {
    told(id, await once(id, () => api.stopTelling(id)));
  }

  function told(id: string, telling: Telling | null | undefined): boolean {
    if (!telling) return false;
    list.value = list.value.map((i) => (i.id === id ? { ...i, telling } : i));
    return true;
  }

  async function show(id: string): Promise<void> {
    const items = await run(id, () => api.incidentCallers(id));
    if (items) callers.value = { id, items };
  }

  const numbers = (id: string): Promise<string | null> => run(id, () => api.incidentNumbers(id));

  return { list, callers, busy, load, start, end, tell, stopTelling, show, numbers };
});
