/** Telephones, trunks and classes of service. The server's answer is the truth; a sheet is kept only while it is shown. */

import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { useChanges } from "@/composables/useChanges";
import { useTurns } from "@/composables/useTurns";
import { ApiProblem } from "@/core/problem";
import type { Command, DialKind, PhoneKind, Sheet, TelephonyNow, TrunkAsk } from "@/core/types";
import { t } from "@/locales";
import { useNotices } from "./notices";
import { api } from "./session";

const LOOK_MS = 700;
const OPEN = ["pending", "asked"];

export const useTelephony = defineStore("telephony", () => {
  const notices = useNotices();
  const now = shallowRef<TelephonyNow | null>(null);
  const sheet = shallowRef<Sheet | null>(null);
  /** By field: what the server said of the last form. */
  const problems = ref<Record<string, string>>({});
  const tests = ref<Record<string, Command>>({});
  const turns = useTurns();
  const { busy, run, once } = turns;
  const changes = useChanges<TelephonyNow>({
    turns, load, take: (told) => (now.value = told), saved: () => t("telephony.saved"), versions: (_, name) => api.trunkHistory(name), undo: (_, name, undo) => api.undoTrunk(name, undo),
  });
  const { asked, kept, shown, versions, confirm, undo, history } = changes;

  async function load(): Promise<void> {
    now.value = (await run("load", () => api.telephony())) ?? now.value;
  }

  /** What is wrong in a form is shown beside its field; all else as a notice. */
  async function fields<T>(work: () => Promise<T>): Promise<T> {
    problems.value = {};
    try {
      return await work();
    } catch (error) {
      if (error instanceof ApiProblem && error.fields.length) problems.value = Object.fromEntries(error.fields.map((f) => [f.field, f.message]));
      throw error;
    }
  }

  async function change<T>(name: string, work: () => Promise<T>): Promise<{ told: T } | null> {
    const done = await once(name, async () => ({ told: await fields(work) }));
    if (done) notices.say("good", t("telephony.saved"));
    return done;
  }

  async function take(name: string, work: () => Promise<TelephonyNow>): Promise<boolean> {
    const done = await change(name, work);
    if (done) now.value = done.told;
    return done !== null;
  }

  async function show(name: string, work: () => Promise<Sheet | null>): Promise<boolean> {
    const done = await change(name, work);
    if (!done) return false;
    sheet.value = done.told ?? null;
    await load();
    return true;
  }

  const create = (seat: string, label: string, class_name: string | null) => show("create", () => api.createExtension({ seat, label, class_name }));
  const renew = (seat: string, phone: PhoneKind) => show(`renew-${seat}`, () => api.renewSecret(seat, phone));
  const setExtension = (seat: string, label: string, class_name: string | null, based_on: string) => changes.change(`seat-${seat}`, () => fields(() => api.setExtension(seat, { label, class_name, based_on })));
  const retire = (seat: string) => changes.change(`retire-${seat}`, (confirmed) => api.retireExtension(seat, confirmed));
  const setTrunk = (name: string, ask: TrunkAsk, based_on: number) => changes.change("trunk", (confirmed) => fields(() => api.setTrunk(name, { ...ask, based_on, confirmed })));
  const removeTrunk = (name: string) => changes.change(`remove-${name}`, (confirmed) => api.removeTrunk(name, confirmed));
  const setClass = (name: string, title: string, kinds: DialKind[], based_on: string) => changes.change("class", () => fields(() => api.setClass(name, { title, kinds, based_on })));
  const removeClass = (name: string) => take(`class-${name}`, () => api.removeClass(name));
  const conceal = (): void => void (sheet.value = null);

  /** Asked once; then looked up until the PBX has told what became of it. */
  async function test(trunk: string, number: string): Promise<void> {
    const asked = await once(`test-${trunk}`, () => api.testTrunk(trunk, { id: crypto.randomUUID(), number }));
    if (!asked) return;
    tests.value = { ...tests.value, [trunk]: asked };
    void follow(trunk, asked.id);
  }

  async function follow(trunk: string, id: string): Promise<void> {
    while (tests.value[trunk]?.id === id && OPEN.includes(tests.value[trunk].state)) {
      await new Promise((done) => setTimeout(done, LOOK_MS));
      try {
        const told = await api.trunkTest(id);
        if (tests.value[trunk]?.id === id) tests.value = { ...tests.value, [trunk]: told };
      } catch (error) {
        notices.error(error);
        return;
      }
    }
    await load();
  }

  return { now, sheet, problems, tests, busy, asked, kept, shown, versions, confirm, undo, history, load, create, renew, setExtension, retire, setTrunk, removeTrunk, setClass, removeClass, conceal, test };
});
