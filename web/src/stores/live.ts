/** The server's truth: agents, calls, queues, timers and what became of commands. The screen only reads it. */

import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { ServerClock } from "@/core/clock";
import { type Asked, type BadEnd, Commands } from "@/core/commands";
import { agentOf, callOf } from "@/core/desk";
import { commandOfRow, emptyPicture, type FeedRow, type LivePicture } from "@/core/feed";
import { FeedSocket, type Link } from "@/core/feedSocket";
import { commandApi } from "@/core/server";
import { t, te } from "@/locales";
import { useNotices } from "./notices";
import { http, useSession } from "./session";

export const clock = new ServerClock();

const feedUrl = (after: number): string =>
  `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/feed?after=${after}`;

type RowListener = (row: FeedRow) => void;

export const useLive = defineStore("live", () => {
  const session = useSession();
  const notices = useNotices();
  const picture = shallowRef<LivePicture>(emptyPicture());
  const link = ref<Link>("connecting");
  /** False until the first hello: an agent who is not in an empty picture is not "signed out". */
  const known = ref(false);
  const pending = shallowRef<Asked[]>([]);
  const phoneOwner = ref<string | null>(null);
  /** The server cannot reach its database since then: what the screen shows may be old. */
  const away = ref<string | null>(null);
  /** Since when there is no line to the server; null: there is. */
  const lostSince = ref<string | null>(null);
  /** Since when the picture has had no day in it; null: it has one, or is not there. Who may not see the floor never has. */
  const noDaySince = ref<string | null>(null);
  let users = 0;
  const rowListeners = new Set<RowListener>();
  const helloListeners = new Set<() => void>();

  const agent = computed(() => agentOf(picture.value, session.account?.agent_no));
  const call = computed(() => callOf(picture.value, session.account?.agent_no));

  const commands = new Commands(commandApi(http), (list) => (pending.value = list), sayBadEnd);

  const socket = new FeedSocket(feedUrl, {
    onLink: (value) => {
      link.value = value;
      lostSince.value = value === "open" ? null : (lostSince.value ?? new Date(clock.now()).toISOString());
    },
    onServerTime: (iso) => clock.heard(iso),
    onState: (state, effect) => {
      picture.value = state.picture;
      if (effect === "fresh") {
        known.value = true;
        helloListeners.forEach((f) => f());
      }
      const counted = !known.value || Object.keys(state.picture.days).length > 0;
      noDaySince.value = counted ? null : (noDaySince.value ?? new Date(clock.now()).toISOString());
      commands.seen(state.picture);
    },
    onRow: (row) => {
      const command = commandOfRow(row);
      if (command) commands.heard(command);
      rowListeners.forEach((f) => f(row));
    },
    onPhoneOwner: (owner) => (phoneOwner.value = owner),
    onFeedAway: (since) => (away.value = since),
    onSessionEnded: () => http.onSignedOut(),
  });

  function sayBadEnd(end: BadEnd): void {
    const key = `commandReason.${end.reason.replaceAll(".", "_")}`;
    const why = end.detail || (te(key) ? t(key) : t(`commandEnd.${end.state}`));
    notices.say("bad", t("commandFailed", { what: t(`command.${end.kind.replace(".", "_")}`), why }), end.reason || end.state);
  }

  /** With a subject (a leg, a number): that one only. */
  function isPending(kind: string, subject?: string): boolean {
    return pending.value.some((a) => a.kind === kind && (subject === undefined || a.subject === subject));
  }

  function ask(kind: string, args: Record<string, unknown>, confirmed: Asked["confirmed"], subject = ""): void {
    if (!isPending(kind, subject)) void commands.ask(kind, args, confirmed, subject);
  }

  /** For somebody else: with the right to supervise. */
  function order(kind: string, agentNo: string, args: Record<string, unknown>, confirmed: Asked["confirmed"]): void {
    if (!isPending(kind, agentNo)) void commands.ask(kind, args, confirmed, agentNo, agentNo);
  }

  /** Each page that shows live things starts it and stops it; the last one closes the socket. */
  function start(): void {
    if (users++ > 0) return;
    known.value = false;
    window.addEventListener("online", hurry);
    socket.start();
  }

  function stop(): void {
    if (--users > 0) return;
    window.removeEventListener("online", hurry);
    socket.stop();
    picture.value = emptyPicture();
    known.value = false;
    noDaySince.value = null;
  }

  const hurry = (): void => socket.hurry();

  return {
    picture, link, known, agent, call, pending, phoneOwner, away, lostSince, noDaySince, isPending, ask, order, start, stop,
    send: (message: object) => socket.send(message),
    onRow: (f: RowListener) => void rowListeners.add(f),
    onHello: (f: () => void) => void helloListeners.add(f),
  };
});
