/** What the floor shows, from the live picture: seats, queues, alarms, verdicts on rates. Pure. */

import { citizenNumber, isOutbound } from "./desk";
import type { LivePicture } from "./feed";
import { readable } from "./number";
import type { AgentLive, CallLive, DayLive, Hand, Person } from "./types";

/** GB/T 33358-2016: connected in any continuous 24 hours. */
export const WANTED_RATE = 0.95;
export const ALL = "*";
/** Of more than one queue the service level has these seconds, the standard's; see reports/attempts.py. */
const HOUSE_S = 15;
/** Reasons an agent may raise a hand for. */
export const HAND_REASONS = ["question", "language", "upset", "system", "unwell", "other"] as const;
const SILENT_S = 60;
/** cti says every few seconds that it is there; see cti/facts.py. */
export const NODE_SILENT_S = 10;
const FAULT_SHOWN_S = 900;

export interface SeatRow {
  agent: AgentLive;
  name: string;
  call: CallLive | null;
  hand: Hand | null;
}

/** ``queue`` is empty where it is a sum; null: cannot be known from the parts. */
export type WholeDay = Omit<DayLive, "unreached" | "service_s"> & { unreached: number | null; service_s: number | null };

/** A number of the day whose calls are to be seen. `queue` null: of all that are shown. */
export interface OpenedNumber {
  number: string;
  queue: string | null;
  day: string;
}

/** Of today: a queue of which nothing was told since midnight has nothing to say. */
function today(picture: LivePicture): DayLive[] {
  const days = Object.values(picture.days);
  const newest = days.map((d) => d.day).sort().at(-1);
  return days.filter((d) => d.day === newest);
}

/** The day of all queues; of the one queue, or of several together, where somebody is shown no others. */
export function wholeDay(picture: LivePicture): WholeDay | undefined {
  const days = today(picture);
  return days.find((d) => d.queue === ALL) ?? (days.length > 1 ? together(days) : days[0]);
}

/** Counts add up. People do not (who was answered in another queue is reached), and the worst window is no window of the parts. */
function together(days: readonly DayLive[]): WholeDay {
  const sum = (of: (d: DayLive) => number): number => days.reduce((total, d) => total + of(d), 0);
  const decided = (d: DayLive): number => d.offered - d.waiting;
  const share = (n: number): number | null => (sum(decided) ? n / sum(decided) : null);
  const alike = days.every((d) => d.service_s === HOUSE_S);
  const [first, ...others] = days as [DayLive, ...DayLive[]];
  return {
    queue: "", day: first.day, at: others.reduce((at, d) => (Date.parse(d.at) > Date.parse(at) ? d.at : at), first.at),
    offered: sum((d) => d.offered), answered: sum((d) => d.answered), abandoned: sum((d) => d.abandoned), short: sum((d) => d.short),
    refused: sum((d) => d.refused), lost: sum((d) => d.lost), waiting: sum((d) => d.waiting), early: sum((d) => d.early), withheld: sum((d) => d.withheld),
    connect_rate: share(sum((d) => d.answered)),
    service_s: alike ? HOUSE_S : null, service_level: alike ? share(sum((d) => Math.round((d.service_level ?? 0) * decided(d)))) : null,
    unreached: null, worst_rate: null, worst_until: null, worst_of: 0,
  };
}

/** Signed-in agents in the order of their numbers: on a wall people are found by their place. */
export function seatRows(picture: LivePicture, people: readonly Person[], hands: readonly Hand[]): SeatRow[] {
  const name = (no: string): string => people.find((p) => p.agent_no === no)?.display_name ?? "";
  return Object.values(picture.agents)
    .sort((a, b) => a.agent_no.localeCompare(b.agent_no))
    .map((agent) => ({
      agent,
      name: name(agent.agent_no),
      call: (agent.call_id && picture.calls[agent.call_id]) || null,
      hand: hands.find((h) => h.agent_no === agent.agent_no) ?? null,
    }));
}

/** The number of whom this seat talks with. On a wall that everybody sees, its middle is hidden. */
export function withWhom(call: CallLive | null, wall: boolean): string {
  if (!call) return "";
  const number = readable(citizenNumber(call));
  return `${isOutbound(call) ? "→ " : ""}${wall ? hidden(number) : number}`;
}

export const hidden = (number: string): string =>
  number.length < 8 ? number : `${number.slice(0, 3)}****${number.replace(/\s/g, "").slice(-4)}`;

/** Who waits, the first of the queue first. */
export const waiting = (picture: LivePicture): CallLive[] =>
  Object.values(picture.calls)
    .filter((c) => c.state === "queued" || (c.state === "ringing" && !!c.queued_at && !c.answered_at && !isOutbound(c)))
    .sort((a, b) => (a.position ?? 1e9) - (b.position ?? 1e9) || (a.queued_at ?? "").localeCompare(b.queued_at ?? ""));

export interface QueueRow {
  queue: string;
  waiting: number;
  longest: string | null;
  agents: number;
  ready: number;
  talking: number;
  day: DayLive | null;
}

/** Each queue, live and the day's; one that nobody called today has its live numbers alone. */
export function queueRows(picture: LivePicture): QueueRow[] {
  const days = new Map(today(picture).map((d) => [d.queue, d]));
  const names = new Set([...Object.keys(picture.queues), ...days.keys()].filter((n) => n !== ALL));
  return [...names].sort().map((queue) => {
    const live = picture.queues[queue];
    return {
      queue, waiting: live?.waiting ?? 0, longest: live?.longest_since ?? null, agents: live?.agents ?? 0, ready: live?.ready ?? 0,
      talking: live?.talking ?? 0, day: days.get(queue) ?? null,
    };
  });
}

export const longestOf = (rows: readonly QueueRow[]): string | null => rows.map((r) => r.longest).filter((l) => l !== null).sort()[0] ?? null;

/** "97.3 %"; a dash where nothing was decided yet. Cut, not rounded: 94.96 is not 95. */
export function rateText(rate: number | null | undefined): string {
  if (rate === null || rate === undefined) return "—";
  return `${(Math.floor(rate * 1000 + 1e-9) / 10).toFixed(1)} %`;
}

export type Verdict = "good" | "bad" | "none";
export const verdict = (rate: number | null | undefined): Verdict =>
  rate === null || rate === undefined ? "none" : rate >= WANTED_RATE ? "good" : "bad";

export interface FloorAlarm {
  code: "link" | "database" | "pbx" | "pbx_silent" | "trunk_down" | "trunk_fault" | "recorder" | "recorder_silent" | "day_silent";
  tone: "bad" | "warn";
  since: string | null;
  what: string;
  /** A code of the cause; its words are the page's. */
  why?: string | null;
}

export interface NodeDown {
  node: string;
  since: string;
  silent: boolean;
  why: string | null;
}

export interface Links {
  lostSince: string | null;
  away: string | null;
  /** Since when the picture is there and has no day in it. */
  noDaySince: string | null;
}

/** Switches of which nothing true is known now: not linked to us, or their cti has fallen silent, whatever it said last. */
export function nodesDown(picture: LivePicture, now_ms: number): NodeDown[] {
  const down = Object.values(picture.nodes).map((n): NodeDown | null => {
    if (n.at && now_ms - Date.parse(n.at) > NODE_SILENT_S * 1000) return { node: n.node, since: n.at, silent: true, why: null };
    return n.connected ? null : { node: n.node, since: n.since, silent: false, why: n.reason ?? null };
  });
  return down.filter((d) => d !== null);
}

/** What is wrong now, worst first. The first three mean: the numbers are as they were then. */
export function alarmsOf(picture: LivePicture, links: Links, now_ms: number): FloorAlarm[] {
  const old = (iso: string, s: number): boolean => now_ms - Date.parse(iso) > s * 1000;
  const found: FloorAlarm[] = [];
  if (links.lostSince) found.push({ code: "link", tone: "bad", since: links.lostSince, what: "" });
  if (links.away) found.push({ code: "database", tone: "bad", since: links.away, what: "" });
  for (const n of nodesDown(picture, now_ms)) found.push({ code: n.silent ? "pbx_silent" : "pbx", tone: "bad", since: n.since, what: n.node, why: n.why });
  for (const t of Object.values(picture.trunks)) {
    if (!t.reachable) found.push({ code: "trunk_down", tone: "bad", since: t.since, what: t.endpoint });
    else if (t.fault && t.fault_at && !old(t.fault_at, FAULT_SHOWN_S)) found.push({ code: "trunk_fault", tone: "warn", since: t.fault_at, what: t.fault });
  }
  for (const r of Object.values(picture.recorders)) {
    if (old(r.at, SILENT_S)) found.push({ code: "recorder_silent", tone: "bad", since: r.at, what: r.node });
    else if (r.reasons.length) found.push({ code: "recorder", tone: "bad", since: r.at, what: r.reasons.join(", ") });
  }
  const counted = wholeDay(picture)?.at ?? links.noDaySince;
  if (counted && old(counted, SILENT_S)) found.push({ code: "day_silent", tone: "bad", since: counted, what: "" });
  return found;
}

/** Since when what is shown may be old; null: it is now's. */
export const staleSince = (alarms: readonly FloorAlarm[]): string | null =>
  alarms.filter((a) => a.code === "link" || a.code === "database" || a.code === "pbx" || a.code === "pbx_silent").map((a) => a.since).sort()[0] ?? null;

/** When an order for somebody is seen to be done. */
export const done = {
  pause: (no: string, reason: string) => (p: LivePicture) => !!p.agents[no]?.reasons.includes(reason),
  ready: (no: string) => (p: LivePicture) => !p.agents[no]?.reasons.some((r) => r !== "wrap-up" && !r.startsWith("phone")),
  wrapUpEnd: (no: string) => (p: LivePicture) => !p.agents[no]?.reasons.includes("wrap-up"),
  signOut: (no: string) => (p: LivePicture) => !p.agents[no],
};
