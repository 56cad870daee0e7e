import { describe, expect, it } from "vitest";
import { applyRow, emptyPicture, type LivePicture } from "@/core/feed";
import { ALL, alarmsOf, done, hidden, longestOf, queueRows, rateText, seatRows, staleSince, verdict, waiting, wholeDay, withWhom } from "@/core/floor";
import type { AgentLive, CallLive, DayLive, Hand, QueueLive } from "@/core/types";

const T0 = "2026-11-23T01:00:00Z";
const NOW = Date.parse("2026-11-23T01:10:00Z");
const agent = (agent_no: string, more: Partial<AgentLive> = {}): AgentLive => ({ agent_no, node: "pbx1", seat: `8${agent_no.slice(1)}`, phone: "browser", state: "ready", reasons: [], since: T0, queues: ["hotline"], call_id: null, wrap_up_until: null, ...more });
const call = (call_id: string, more: Partial<CallLive> = {}): CallLive => ({ call_id, node: "pbx1", linkedid: call_id, state: "queued", since: T0, started_at: T0, caller: "13912345678", called: "12345", ...more } as CallLive);
const day = (queue: string, more: Partial<DayLive> = {}): DayLive => ({ queue, at: "2026-11-23T01:09:50Z", day: "2026-11-23", offered: 4, answered: 3, abandoned: 1, short: 0, refused: 0, lost: 0, waiting: 0, early: 0, unreached: 1, withheld: 0, connect_rate: 0.75, service_s: 15, service_level: 0.5, worst_rate: 0.75, worst_until: T0, worst_of: 4, ...more });
const queue = (name: string, more: Partial<QueueLive> = {}): QueueLive => ({ queue: name, node: "pbx1", waiting: 0, longest_since: null, agents: 1, ready: 1, talking: 0, ...more });
const picture = (more: Partial<LivePicture>): LivePicture => ({ ...emptyPicture(), ...more });
const none = { lostSince: null, away: null, noDaySince: null };

describe("seats", () => {
  it("stand in the order of their numbers, with name, call and hand", () => {
    const p = picture({ agents: { "1002": agent("1002", { state: "talking", call_id: "c" }), "1001": agent("1001") }, calls: { c: call("c", { state: "talking", agent_no: "1002" }) } });
    const hand = { id: "h", agent_no: "1001", reason: "language", raised_at: T0 } as Hand;
    const rows = seatRows(p, [{ agent_no: "1001", display_name: "张三", seat: "8001" }], [hand]);
    expect(rows.map((r) => [r.agent.agent_no, r.name, r.call?.call_id, r.hand?.id])).toEqual([["1001", "张三", undefined, "h"], ["1002", "", "c", undefined]]);
  });
  it("show whom they talk with, half hidden on a wall", () => {
    expect(withWhom(call("c"), false)).toBe("139 1234 5678");
    expect(withWhom(call("c"), true)).toBe("139****5678");
    expect(withWhom(call("c", { direction: "outbound", called: "05191234567" }), false)).toBe("→ 0519 123 4567");
    expect([withWhom(null, true), hidden("110")]).toEqual(["", "110"]);
  });
});

describe("queues", () => {
  it("put who waits longest first, and count no one who is answered or called by us", () => {
    const p = picture({ calls: { a: call("a", { position: 2, queued_at: T0 }), b: call("b", { position: 1, state: "ringing", queued_at: T0 }), c: call("c", { state: "talking" }), d: call("d", { state: "ringing", direction: "outbound", queued_at: null }) } });
    expect(waiting(p).map((c) => c.call_id)).toEqual(["b", "a"]);
  });
  it("join what is live with the day, and have no row for all", () => {
    const p = picture({ queues: { hotline: queue("hotline", { waiting: 2, longest_since: T0 }), night: queue("night") }, days: { [ALL]: day(ALL), hotline: day("hotline"), old: day("old") } });
    const rows = queueRows(p);
    expect(rows.map((r) => [r.queue, r.waiting, r.day?.offered ?? null])).toEqual([["hotline", 2, 4], ["night", 0, null], ["old", 0, 4]]);
    expect(longestOf(rows)).toBe(T0);
  });
});

describe("the day of what somebody is shown", () => {
  it("is the house's, or the one queue's, as they are told", () => {
    expect(wholeDay(picture({ days: { [ALL]: day(ALL, { offered: 9 }), tax: day("tax") } }))).toEqual(day(ALL, { offered: 9 }));
    expect(wholeDay(picture({ days: { tax: day("tax", { service_s: 20 }) } }))).toEqual(day("tax", { service_s: 20 }));
    expect(wholeDay(picture({}))).toBe(undefined);
  });
  it("of several queues is their sum, with no people and no worst window, which are no sums", () => {
    const days = {
      tax: day("tax", { offered: 10, answered: 6, abandoned: 1, short: 1, refused: 1, lost: 1, waiting: 1, early: 2, withheld: 1, connect_rate: 6 / 9, service_level: 3 / 9 }),
      water: day("water", { at: "2026-11-23T01:09:55Z", offered: 4, answered: 3, abandoned: 1, connect_rate: 3 / 4, service_level: 2 / 4 }),
    };
    const whole = wholeDay(picture({ days }));
    expect(whole).toMatchObject({ queue: "", at: "2026-11-23T01:09:55Z", offered: 14, answered: 9, abandoned: 2, short: 1, refused: 1, lost: 1, waiting: 1, early: 2, withheld: 1 });
    expect([whole!.connect_rate, whole!.service_s, whole!.service_level]).toEqual([9 / 13, 15, 5 / 13]);
    expect([whole!.unreached, whole!.worst_rate, whole!.worst_until, whole!.worst_of]).toEqual([null, null, null, 0]);
  });
  it("has no share in time where a queue counts by other seconds than the house", () => {
    const whole = wholeDay(picture({ days: { tax: day("tax", { service_s: 20 }), water: day("water") } }));
    expect([whole!.service_s, whole!.service_level]).toEqual([null, null]);
  });
  it("sums one day alone: a queue of which nothing was told since midnight is not in it", () => {
    const p = picture({ days: { old: day("old", { day: "2026-11-22", offered: 400 }), tax: day("tax"), water: day("water") } });
    expect(wholeDay(p)!.offered).toBe(8);
    expect(queueRows(p).map((r) => r.queue)).toEqual(["tax", "water"]);
  });
  it("of quiet queues has no rates", () => {
    const quiet = { offered: 0, answered: 0, abandoned: 0, connect_rate: null, service_level: null };
    const whole = wholeDay(picture({ days: { tax: day("tax", quiet), water: day("water", quiet) } }));
    expect([whole!.offered, whole!.connect_rate, whole!.service_level]).toEqual([0, null, null]);
  });
});

describe("rates", () => {
  it.each([[null, "—", "none"], [0.95, "95.0 %", "good"], [0.9496, "94.9 %", "bad"], [1, "100.0 %", "good"], [0.29, "29.0 %", "bad"]] as const)("%s is %s and %s", (rate, text, word) => {
    expect([rateText(rate), verdict(rate)]).toEqual([text, word]);
  });
});

describe("alarms", () => {
  it("say nothing when all is well", () => {
    expect(alarmsOf(picture({ nodes: { pbx1: { node: "pbx1", connected: true, since: T0 } }, days: { [ALL]: day(ALL) } }), none, NOW)).toEqual([]);
  });
  it("tell every broken part with its since, and since when the picture is old", () => {
    const recorder = { node: "pbx1", at: T0, since: T0, reasons: [], free_bytes: 1, total_bytes: 2, waiting: 0, oldest_s: 0, stored: 0, freed_empty: 0, set_aside: 0, missing: 0, failures: 0 };
    const p = picture({
      nodes: { pbx1: { node: "pbx1", connected: false, since: "2026-11-23T01:05:00Z", reason: "ami.silent" } },
      trunks: { trunk: { endpoint: "trunk", node: "pbx1", reachable: true, channels: 2, since: T0, fault: "q850.38", fault_at: T0 }, second: { endpoint: "second", node: "pbx1", reachable: false, channels: 0, since: T0 } },
      recorders: { pbx1: recorder }, days: { [ALL]: day(ALL, { at: T0 }) },
    });
    const found = alarmsOf(p, { ...none, lostSince: "2026-11-23T01:08:00Z" }, NOW);
    expect(found.map((a) => [a.code, a.since, a.what])).toEqual([
      ["link", "2026-11-23T01:08:00Z", ""], ["pbx", "2026-11-23T01:05:00Z", "pbx1"], ["trunk_fault", T0, "q850.38"], ["trunk_down", T0, "second"], ["recorder_silent", T0, "pbx1"], ["day_silent", T0, ""],
    ]);
    expect(staleSince(found)).toBe("2026-11-23T01:05:00Z");
    expect(staleSince(found.filter((a) => a.code === "trunk_down"))).toBe(null);
  });
  it("say that nobody counts, also to who is shown some queues, and where there is no day at all for a minute", () => {
    const silent = { tax: day("tax", { at: T0 }), water: day("water", { at: T0 }) };
    expect(alarmsOf(picture({ days: silent }), none, NOW).map((a) => [a.code, a.since])).toEqual([["day_silent", T0]]);
    const since = (iso: string) => ({ ...none, noDaySince: iso });
    expect(alarmsOf(picture({}), since("2026-11-23T01:08:59Z"), NOW).map((a) => [a.code, a.since])).toEqual([["day_silent", "2026-11-23T01:08:59Z"]]);
    expect(alarmsOf(picture({}), since("2026-11-23T01:09:01Z"), NOW)).toEqual([]);
    expect(alarmsOf(picture({}), none, NOW)).toEqual([]);
  });
  it("take a switch whose cti has fallen silent for gone, whatever it said last", () => {
    const node = { node: "pbx1", connected: true, since: T0, at: "2026-11-23T01:09:49Z" };
    const found = alarmsOf(picture({ nodes: { pbx1: node } }), none, NOW);
    expect(found.map((a) => [a.code, a.since, a.what])).toEqual([["pbx_silent", "2026-11-23T01:09:49Z", "pbx1"]]);
    expect(staleSince(found)).toBe("2026-11-23T01:09:49Z");
    expect(alarmsOf(picture({ nodes: { pbx1: { ...node, at: "2026-11-23T01:09:51Z" } } }), none, NOW)).toEqual([]);
  });
  it("forget a trunk's fault after a while", () => {
    const trunk = { endpoint: "trunk", node: "pbx1", reachable: true, channels: 0, since: T0, fault: "q850.38", fault_at: T0 };
    expect(alarmsOf(picture({ trunks: { trunk } }), none, NOW + 600_000)).toEqual([]);
  });
});

describe("an order is done when the picture shows it", () => {
  const p = picture({ agents: { "1": agent("1", { reasons: ["meal", "wrap-up"] }), "2": agent("2", { reasons: ["phone:network"] }) } });
  it.each([
    ["pause", done.pause("1", "meal"), true], ["another pause", done.pause("1", "break"), false], ["ready", done.ready("1"), false], ["ready behind a dead telephone", done.ready("2"), true],
    ["wrap-up", done.wrapUpEnd("1"), false], ["sign-out", done.signOut("1"), false], ["sign-out of who is gone", done.signOut("3"), true],
  ] as const)("%s", (_, seen, expected) => expect(seen(p)).toBe(expected));
});

it("the day's rows and the recorder's are part of the picture", () => {
  const row = { type: "row" as const, seq: 2, prev: 1, topic: "day", key: "*", body: { ...day(ALL) } as Record<string, unknown> };
  expect(applyRow(emptyPicture(), row).days["*"]?.offered).toBe(4);
});
