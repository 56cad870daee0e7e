/** The phone of this page: where it lives, its microphone, its registration. Tells the server whether a call may come. */

import { defineStore } from "pinia";
import { computed, ref, shallowRef, watch } from "vue";
import { Microphone, type MicrophoneState } from "@/core/microphone";
import { BrowserPhone } from "@/core/phone";
import { PhoneLock } from "@/core/phoneLock";
import { type Availability, availability, initialPhone, type PhoneState } from "@/core/phoneMachine";
import type { PhoneKind, SeatPhones } from "@/core/types";
import { useLive } from "./live";
import { useNotices } from "./notices";
import { api, useSession } from "./session";

/** This page's name towards the server; a reload keeps it, another tab has its own. */
const TAB = (() => {
  const kept = sessionStorage.getItem("lianxin.tab");
  const tab = kept && performance.getEntriesByType("navigation").length ? kept : crypto.randomUUID();
  sessionStorage.setItem("lianxin.tab", tab);
  return tab;
})();
const OWNER_KEY = "lianxin.phone.owner";

export const usePhone = defineStore("phone", () => {
  const live = useLive();
  const session = useSession();
  const notices = useNotices();
  const kind = ref<PhoneKind>((localStorage.getItem("lianxin.phone.kind") as PhoneKind) || "browser");
  const seat = shallowRef<SeatPhones | null>(null);
  const state = shallowRef<PhoneState>(initialPhone());
  const microphoneState = ref<MicrophoneState>("off");
  /** null: not asked yet */
  const here = ref<boolean | null>(null);
  const running = ref(false);
  /** The server says that another machine answers for this seat. */
  const elsewhere = ref(false);

  const microphone = new Microphone((s) => {
    microphoneState.value = s;
    if (s === "ok") void phone.microphoneChanged();
  });
  const speaker = new Audio();
  speaker.autoplay = true;
  const phone = new BrowserPhone((s) => (state.value = s), () => microphone.stream, speaker);
  let lock: PhoneLock | null = null;

  const microphoneOk = computed(() => {
    const s = microphoneState.value;
    return s === "ok" ? true : s === "off" || s === "asking" ? null : false;
  });
  const usable = computed<Availability>(() => {
    if (kind.value === "telephone") return { state: "ok" }; // the PBX itself knows whether it is registered
    if (!running.value) return { state: "checking" };
    return availability(here.value, microphoneOk.value, state.value.registration);
  });

  async function loadSeat(): Promise<void> {
    seat.value = await api.phones();
    lock ??= new PhoneLock(`lianxin.phone.${seat.value.seat}`, lockChanged);
  }

  async function choose(next: PhoneKind): Promise<void> {
    kind.value = next;
    localStorage.setItem("lianxin.phone.kind", next);
    if (next === "browser") await start();
    else stop();
  }

  async function start(): Promise<void> {
    running.value = true;
    try {
      await loadSeat();
    } catch (error) {
      running.value = false;
      return notices.error(error);
    }
    await lock!.acquire();
  }

  function stop(): void {
    running.value = false;
    here.value = null;
    lock?.free();
    phone.stop();
    microphone.close();
  }

  async function takeOver(): Promise<void> {
    elsewhere.value = false;
    running.value = true;
    if (!seat.value) await loadSeat();
    await lock!.takeOver();
  }

  function lockChanged(now: boolean): void {
    here.value = now;
    if (!now) {
      phone.stop(); // the server has just heard "second-tab" from here: `usable` is watched synchronously
      return microphone.close();
    }
    localStorage.setItem(OWNER_KEY, `${seat.value!.seat}/${session.account?.login ?? ""}`);
    void microphone.open();
    phone.start(seat.value!.phones.browser);
  }

  /** Was this browser the one that answered for this seat? If not, a signed-in agent sits at another machine. */
  function wasHere(): boolean {
    return localStorage.getItem(OWNER_KEY) === `${seat.value?.seat}/${session.account?.login ?? ""}`;
  }

  let told = "";
  function tell(): void {
    const now = usable.value;
    if (kind.value !== "browser" || now.state === "checking" || !live.agent) return;
    const text = JSON.stringify(now);
    if (text !== told && live.send({ type: "phone", tab: TAB, ...now })) told = text;
  }
  function tellAgain(): void {
    told = "";
    tell();
  }

  watch(() => state.value.leg.state !== "none", (on) => (session.calling = on), { flush: "sync" });
  watch(usable, tell, { deep: true, flush: "sync" });
  watch(() => live.agent?.agent_no, tellAgain);
  live.onHello(tellAgain);
  watch(() => live.phoneOwner, (owner) => {
    if (!owner || owner === TAB || !running.value || here.value === false) return;
    elsewhere.value = true;
    stop();
  });

  return {
    kind, seat, state, microphone, microphoneState, here, usable, running, elsewhere, tab: TAB,
    loadSeat, choose, start, stop, takeOver, wasHere,
    answer: () => phone.answer(),
    hangUp: () => phone.hangUp(),
    hold: (on: boolean) => phone.hold(on),
    mute: (on: boolean) => phone.mute(on),
    sendDigit: (digit: string) => phone.sendDigit(digit),
    retry: () => (here.value ? phone.start(seat.value!.phones.browser) : void start()),
  };
});
