// Development double of the API, for looking at the desk without a switch or a database. Not used by any test of the
// product. `npm run mock`, then `LIANXIN_WEB_PROXY=http://127.0.15.1:8700 npm run dev`, or open the address it prints.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { WebSocketServer } from "ws";
import { at, caller, cases, categories, districts, id, peaks, today } from "./data.mjs";
import { callbacks, flag, flags, rooms, targets } from "./rooms.mjs";
import { Sip } from "./sip.mjs";
import { tone } from "./tone.mjs";

const HOST = process.env.MOCK_HOST ?? "127.0.15.1";
const PORT = Number(process.env.MOCK_PORT ?? 8700);
const DIST = new URL("../../dist/", import.meta.url).pathname;
const sip = new Sip();
const now = () => new Date().toISOString();

const s = { account: null, agent: null, call: null, seq: 1, drafts: new Map(), down: false, made: 400, wrapUp: false, locale: "zh-CN" };
const sockets = new Set();
const queue = () => ({ queue: "hotline", node: "pbx1", waiting: 2, longest_since: at(0.4), agents: 14, ready: 3, talking: 9 });

function row(topic, key, body) {
  const prev = s.seq++;
  for (const w of sockets) w.send(JSON.stringify({ type: "row", seq: s.seq, prev, topic, key, body, at: now() }));
}
const agent = (change) => {
  s.agent = change && { agent_no: "1001", node: "pbx1", seat: "8001", phone: "browser", state: "paused", reasons: [], since: now(), queues: ["hotline"], call_id: null, wrap_up_until: null, ...s.agent, ...change };
  row("agent", "1001", s.agent);
};
const call = (change) => {
  s.call = change && { ...s.call, ...change };
  if (s.call) row("call", s.call.call_id, s.call);
};

const party = (leg, kind, number, state, agent_no = null) => ({ leg, kind, number, state, since: now(), agent_no, muted: false, cause: null });
function ring(number) {
  const callId = crypto.randomUUID();
  s.call = { call_id: callId, node: "pbx1", linkedid: "1.1", state: "ringing", since: now(), started_at: at(0.5), caller: number, called: "12345", queue: "hotline", queued_at: at(0.3), ringing: ["1001"], agent_no: null, answered_at: null, held_since: null, direction: "inbound", room: false, recording_paused_since: null, parties: [party("1.1", "citizen", number, "joined")] };
  call({});
  agent({ state: "ringing", since: now(), call_id: callId });
  if (s.agent.phone === "browser") sip.ring(number);
}
function answered() {
  call({ state: "talking", since: now(), answered_at: now(), agent_no: "1001", seat: "8001", ringing: [], parties: [...s.call.parties, party("1.2", "seat", "8001", "joined", "1001")] });
  agent({ state: "talking", since: now() });
}
function ended() {
  if (!s.call) return;
  call({ state: "ended", ended_at: now(), hung_up_by: "citizen" });
  agent({ state: "wrap_up", reasons: ["wrap-up"], since: now(), wrap_up_until: new Date(Date.now() + 120000).toISOString() });
}
sip.onAnswer = answered;
sip.onBye = ended;
sip.onReInvite = (mode) => call({ state: mode, since: now(), held_since: mode === "held" ? now() : null });

const commands = {
  "agent.sign_in": (a) => agent({ ...a, state: "paused", reasons: ["not-ready"], since: now() }),
  "agent.sign_out": () => agent(null),
  "agent.ready": () => agent({ state: "ready", reasons: [], since: now() }),
  "agent.pause": (a) => agent({ state: "paused", reasons: [a.reason], since: now() }),
  "agent.wrap_up_end": () => agent({ state: "ready", reasons: [], since: now(), wrap_up_until: null, call_id: null }),
  "call.hangup": () => ended(),
  "call.end": () => ended(),
  ...rooms(s, call, agent),
};

const control = {
  ring: (q) => ring(q.get("from") ?? "13912345678"),
  pickup: () => answered(),
  hangup: () => (s.agent?.phone === "browser" ? (sip.bye(), ended()) : ended()),
  down: (q) => { s.down = q.get("on") !== "0"; if (s.down) for (const w of sockets) w.terminate(); },
  refuse: () => { sip.status = 403; sip.socket?.terminate(); },
  stale: () => { for (const d of s.drafts.values()) { d.rev += 50; d.body = { ...d.body, title: "解放路南门路灯不亮（班长修改）", urgency: "critical" }; } },
};

function submit(body) {
  const made = { ...cases[0], ...body.form, id: crypto.randomUUID(), number: `20261123-${String(++s.made).padStart(6, "0")}`, state: body.disposition === "answered_on_spot" ? "closed" : "accepted", disposition: body.disposition, created_at: now(), calls: [], events: [], follow_ups: [] };
  cases.unshift(made);
  s.drafts.delete(body.draft_id);
  return [201, made];
}

const session = { id: id(1), login: "agent1", display_name: "李晓梅", role: "agent", agent_no: "1001", seat: "8001", time_zone: "Asia/Shanghai", police_number: "110" };
const routes = [
  ["GET", /^\/session$/, () => (s.account ? [200, { ...session, locale: s.locale }] : [401, { code: "session.required", detail: "请先登录。" }])],
  ["POST", /^\/session$/, (m, b) => (b.password === "wrong" ? [401, { code: "session.bad_credentials", detail: s.locale === "en" ? "Login or password is wrong." : "账号或密码不对。" }] : ((s.account = session), [200, { ...session, locale: s.locale }]))],
  ["PATCH", /^\/session$/, (m, b) => ((s.locale = b.locale), [200, { ...session, locale: s.locale }])],
  ["DELETE", /^\/session$/, () => ((s.account = null), [204])],
  ["GET", /^\/agent\/phone$/, () => [200, { seat: "8001", phones: { browser: { ws_url: `ws://${HOST}:${PORT}/sip`, sip_uri: `sip:8001-web@${HOST}`, username: "8001-web", secret: "x", realm: "asterisk" }, telephone: { host: "127.0.0.1", port: 5060, transport: "udp", username: "8001", secret: "q7Zt-4mWc-91bK" } } }]],
  ["POST", /^\/commands$/, (m, b) => (setTimeout(() => { commands[b.kind]?.(b.args); row("command", b.id, { command_id: b.id, kind: b.kind, agent_no: "1001", state: "succeeded", reason: null }); }, 120), [202, { ...b, state: "pending", asked_at: now(), deadline_at: now() }])],
  ["GET", /^\/caller\/(.+)$/, (m) => [200, { ...caller(decodeURIComponent(m[1])), flag: decodeURIComponent(m[1]) === flag.number ? flag : null, abuse_reports: 0 }]],
  ["GET", /^\/targets/, (m, b, q) => [200, { items: targets.filter((x) => !q.get("q") || x.name.includes(q.get("q")) || x.initials.includes(q.get("q")) || (x.number ?? "").includes(q.get("q"))) }]],
  ["GET", /^\/callbacks/, () => [200, { items: callbacks, total: callbacks.length, offered: true, waiting: 0, ready: 1 }]],
  ["GET", /^\/number-flags/, () => [200, { items: flags }]],
  ["POST", /^\/number-flags$/, (m, b) => [201, { ...flag, ...b, id: crypto.randomUUID() }]],
  ["GET", /^\/(hands|messages)$/, () => [200, { items: [] }]],
  ["GET", /^\/floor$/, () => [200, { people: [], hands: [], alarms: [] }]],
  ["GET", /^\/danger/, () => [200, { items: s.danger ? [s.danger] : [] }]],
  ["POST", /^\/danger$/, (m, b) => { commands["call.add"]({ target: { kind: "police", value: "" } }); s.danger = { id: id(600), call_id: b.call_id, agent_no: "1001", number: s.call.caller, number_display: "", place: "历下区 解放路 128 号院南门 灯杆 JF-0231", last_words: "他说不想活了，站在天台边上", raised_at: now(), callbacks: 0, callbacks_most: 3, state: "open" }; row("danger", s.danger.id, s.danger); return [201, s.danger]; }],
  ["POST", /^\/danger\/.+\/acknowledge$/, () => { s.danger = { ...s.danger, acknowledged_at: now(), acknowledged_by: "值班主任" }; row("danger", s.danger.id, s.danger); return [200, s.danger]; }],
  ["POST", /^\/abuse$/, () => [201, { step: Math.min(3, (s.abuse = (s.abuse ?? 0) + 1)), action: "call.abuse_warn", command_id: id(1), rest: false }]],
  ["POST", /^\/conferences$/, (m, b) => [201, { ...b, id: id(650), opened_at: now(), opened_by: "agent1", parties: [] }]],
  ["POST", /^\/promises$/, (m, b) => [201, { ...b, id: b.id ?? crypto.randomUUID(), agency_name: targets.find((x) => x.agency_id === b.agency_id)?.name, made_at: now(), by: "agent1" }]],
  ["GET", /^\/calls/, () => [200, { items: today, next: null }]],
  ["GET", /^\/drafts$/, () => [200, [...s.drafts.values()]]],
  ["GET", /^\/drafts\/(.+)$/, (m) => [200, s.drafts.get(m[1])]],
  ["PUT", /^\/drafts\/(.+)$/, (m, b) => { const d = s.drafts.get(m[1]); if (d && b.rev < d.rev) return [409, { code: "draft.stale", detail: "另一个页面已经保存了更新的内容。", stored: d }]; const n = { id: m[1], ...b, updated_at: now() }; s.drafts.set(m[1], n); return [200, n]; }],
  ["DELETE", /^\/drafts\/(.+)$/, (m) => (s.drafts.delete(m[1]), [204])],
  ["POST", /^\/cases$/, (m, b) => submit(b)],
  ["GET", /^\/cases\?(.*)$/, (m) => { const q = new URLSearchParams(m[1]); return [200, { items: cases.filter((c) => !q.get("q") || (c.title + c.description).includes(q.get("q"))), next: null }]; }],
  ["GET", /^\/cases\/(.+)$/, (m) => [200, cases.find((c) => c.id === m[1])]],
  ["GET", /^\/categories$/, () => [200, categories]],
  ["GET", /^\/districts$/, () => [200, districts]],
  ["GET", /^\/recordings\/.+\/peaks$/, () => [200, peaks()]],
];

function serveFile(res, path) {
  const file = join(DIST, path);
  const found = existsSync(file) && extname(file) ? file : join(DIST, "index.html");
  const types = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html" };
  res.writeHead(200, { "content-type": types[extname(found)] ?? "application/octet-stream" });
  createReadStream(found).pipe(res);
}

const http = createServer(async (req, res) => {
  const url = new URL(req.url, "http://x");
  if (url.pathname.startsWith("/mock/")) return control[url.pathname.slice(6)]?.(url.searchParams), res.end("ok");
  if (!url.pathname.startsWith("/api/v1")) return serveFile(res, url.pathname);
  if (s.down) return req.socket.destroy();
  const path = url.pathname.slice(7) + url.search;
  if (/\/audio$/.test(path)) return tone(req, res);
  let body = "";
  for await (const chunk of req) body += chunk;
  for (const [method, pattern, handler] of routes) {
    const match = req.method === method && path.match(pattern);
    if (!match) continue;
    const [status, data] = handler(match, body ? JSON.parse(body) : {}, url.searchParams);
    res.writeHead(status, { "content-type": "application/json" });
    return res.end(data === undefined ? "" : JSON.stringify(data));
  }
  res.writeHead(404, { "content-type": "application/problem+json" });
  res.end(JSON.stringify({ code: "request.not_found", detail: path }));
});

const feed = new WebSocketServer({ noServer: true });
const sipServer = new WebSocketServer({ noServer: true, handleProtocols: () => "sip" });
http.on("upgrade", (req, socket, head) => {
  if (req.url.startsWith("/sip")) return sipServer.handleUpgrade(req, socket, head, (w) => sip.attach(w));
  if (s.down) return socket.destroy();
  feed.handleUpgrade(req, socket, head, (w) => {
    sockets.add(w);
    w.on("close", () => sockets.delete(w));
    w.on("message", (m) => process.env.MOCK_LOG && console.log("feed <", String(m)));
    w.send(JSON.stringify({ type: "hello", seq: s.seq, server_time: now(), snapshot: { seq: s.seq, server_time: now(), agents: s.agent ? [s.agent] : [], calls: s.call && s.call.state !== "ended" ? [s.call] : [], queues: [queue()], trunks: [], nodes: [{ node: "pbx1", connected: true, since: at(300) }] } }));
  });
});
setInterval(() => sockets.forEach((w) => w.send(JSON.stringify({ type: "ping", server_time: now() }))), 5000);
http.listen(PORT, HOST, () => console.log(`http://${HOST}:${PORT}`));
