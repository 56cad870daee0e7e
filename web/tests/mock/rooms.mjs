// Development double: calls that move, as the roster would show them. The town outside answers, is busy, or does not come.
import { at, id } from "./data.mjs";

export const targets = [
  { kind: "agency", id: id(701), agency_id: id(801), name: "市市政设施管理处", label: "夜间值班", number: "053186660101", initials: "sszssglc", on_duty: true, refusals_30d: 0 },
  { kind: "agency", id: id(702), agency_id: id(802), name: "历下区城市管理局", label: "值班电话", number: "053186660202", initials: "lxqcsglj", on_duty: true, refusals_30d: 3 },
  { kind: "agency", id: id(703), agency_id: id(803), name: "国网济南供电公司", label: "抢修调度", number: "053186660303", initials: "gwjngdgs", on_duty: true, refusals_30d: 1 },
  { kind: "agency", id: id(704), agency_id: id(804), name: "解放路街道办事处", label: "办公室", number: "053186660404", initials: "jfljdbsc", on_duty: false, refusals_30d: 0 },
  { kind: "seat", id: "8002", name: "王建国", number: "8002", initials: "wjg", on_duty: true, state: "ready", refusals_30d: 0, agent_no: "1002" },
  { kind: "seat", id: "8003", name: "值班主任", number: "8003", initials: "zbzr", on_duty: true, state: "talking", refusals_30d: 0, agent_no: "1003" },
  { kind: "queue", id: "hotline", name: "热线队列", initials: "rxdl", on_duty: true, refusals_30d: 0 },
];
const entry = (n, number, kind, more) => ({ id: id(n), call_id: id(n), number, number_display: number, kind, callable: true, attempts: 1, first_at: at(63), last_at: at(47), since_at: at(63), place: null, waited_s: null, outcome: kind, state: "open", taken_by: null, taken_until: null, command_id: null, tries: 0, next_at: null, end_reason: null, ended_at: null, messages: [], ...more });
export const callbacks = [
  entry(302, "13800001111", "call_back", { place: 3, outcome: "asked_back" }),
  entry(301, "13001234567", "abandoned", { attempts: 3, waited_s: 95 }),
  entry(303, "", "voicemail", { callable: false, outcome: "refused_no_agent", messages: [{ call_id: id(303), at: at(20), recording_id: null }] }),
];
export const flag = { id: id(401), number: "13912345678", number_display: "139 1234 5678", flag: null, tone: "distressed", reason: "父亲住院，情绪不稳，请慢一些", by: "supervisor", reviewer: "supervisor", created_at: at(3000), expires_at: at(-8000), active: true };
export const flags = [{ ...flag }, { ...flag, id: id(402), number: "13700002222", flag: "patient", tone: "harassing", reason: "一夜拨打四十次，不说话", appealed_at: at(300), appeal: "孩子误拨，请解除" }];

const now = () => new Date().toISOString();
let count = 1;

export function rooms(s, call, agent) {
  const later = (ms, f) => setTimeout(() => s.call && f(), ms);
  const set = (leg, change) => call({ parties: s.call.parties.map((p) => (p.leg === leg ? { ...p, ...change, since: change.state ? now() : p.since } : p)) });
  const citizen = () => s.call.parties.find((p) => p.kind === "citizen").leg;
  const me = () => s.call.parties.find((p) => p.agent_no === "1001").leg;
  const numberOf = (t) => (t.kind === "police" ? "110" : t.kind === "agency" ? targets.find((x) => x.id === t.value).number : t.value);

  function dial(target, joined) {
    const number = numberOf(target);
    const leg = `1.1+${++count}-${number}`;
    call({ room: true, parties: [...s.call.parties, { leg, kind: target.kind === "seat" ? "seat" : "outside", number, state: "dialling", since: now(), agent_no: target.kind === "seat" ? "1002" : null, muted: false, cause: null }] });
    later(500, () => set(leg, { state: "ringing" }));
    const end = number.endsWith("0202") ? "busy" : number.endsWith("0404") ? "no_answer" : joined;
    later(1500, () => {
      set(leg, { state: end });
      if (end !== joined && s.consult === leg) back();
    });
    return leg;
  }
  function back() {
    s.consult = null;
    set(citizen(), { state: "joined" });
    set(me(), { state: "joined" });
    call({ state: "talking", held_since: null });
  }
  return {
    "call.consult": (a) => { set(citizen(), { state: "aside" }); set(me(), { state: "consulting" }); call({ state: "held", held_since: now() }); s.consult = dial(a.target, "consulting"); },
    "call.consult_swap": () => { const to = !!s.aside; set(citizen(), { state: to ? "aside" : "joined" }); set(me(), { state: to ? "consulting" : "joined" }); s.aside = !to; call(to ? { state: "held", held_since: now() } : { state: "talking", held_since: null }); },
    "call.consult_cancel": () => { set(s.consult, { state: "left" }); back(); },
    "call.consult_merge": () => { set(s.consult, { state: "joined" }); back(); },
    "call.consult_complete": () => { set(s.consult, { state: "joined" }); set(citizen(), { state: "joined" }); set(me(), { state: "left" }); call({ state: "talking", held_since: null }); agent({ state: "wrap_up", reasons: ["wrap-up"], since: now(), wrap_up_until: new Date(Date.now() + 120000).toISOString() }); },
    "call.add": (a) => dial(a.target, "joined"),
    "call.transfer": (a) => { set(citizen(), { state: "aside" }); set(me(), { state: "left" }); dial(a.target, "joined"); agent({ state: "wrap_up", since: now(), wrap_up_until: new Date(Date.now() + 120000).toISOString() }); },
    "call.drop": (a) => set(a.leg, { state: "left" }),
    "call.mute": (a) => set(a.leg, { muted: true }),
    "call.unmute": (a) => set(a.leg, { muted: false }),
    "call.hold": (a) => { set(a.leg ?? citizen(), { state: "aside" }); if (!a.leg || a.leg === citizen()) call({ room: true, state: "held", held_since: now() }); },
    "call.unhold": (a) => { set(a.leg ?? citizen(), { state: "joined" }); call({ state: "talking", held_since: null }); },
    "call.record_pause": () => call({ recording_paused_since: now() }),
    "call.record_resume": () => call({ recording_paused_since: null }),
    "call.leave": () => { set(me(), { state: "left" }); agent({ state: "wrap_up", since: now(), wrap_up_until: new Date(Date.now() + 120000).toISOString() }); },
  };
}
