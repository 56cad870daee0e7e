// Development double: a small town's worth of rows, made up.
const at = (minutes) => new Date(Date.now() - minutes * 60000).toISOString();
const id = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const cat = (code, zh, en, initials, children = []) => ({ code, name: { zh, en }, initials, children });

export const categories = [
  cat("01", "城市管理", "City upkeep", "csgl", [cat("0101", "路灯不亮", "Street light out", "ldbl"), cat("0102", "井盖破损", "Broken manhole", "jgps"), cat("0103", "占道经营", "Street stalls", "zdjy"), cat("0104", "环境卫生", "Litter", "hjws")]),
  cat("02", "供水供暖", "Water and heating", "gsgn", [cat("0201", "暖气不热", "No heating", "nqbr"), cat("0202", "停水", "No water", "ts"), cat("0203", "水压不足", "Low pressure", "syzb")]),
  cat("03", "噪音扰民", "Noise", "zyrm", [cat("0301", "施工噪音", "Building noise", "sgzy"), cat("0302", "广场舞噪音", "Square dancing", "gcwzy")]),
  cat("04", "社保医疗", "Insurance and health", "sbyl", [cat("0401", "医保报销", "Insurance claims", "ybbx"), cat("0402", "养老金", "Pension", "ylj")]),
];
export const districts = [
  { code: "370102", name: { zh: "历下区", en: "Lixia" }, initials: "lxq" },
  { code: "370103", name: { zh: "市中区", en: "Shizhong" }, initials: "szq" },
  { code: "370104", name: { zh: "槐荫区", en: "Huaiyin" }, initials: "hyq" },
  { code: "370105", name: { zh: "天桥区", en: "Tianqiao" }, initials: "tqq" },
];

const form = {
  citizen_name: "王女士", citizen_number: "13912345678", contact_number: "13912345678", address: "解放路 128 号院南门", landmark: "灯杆 JF-0231", district: "370102",
  wish: "尽快修复，并给老人们一个说法", confidential: false, wants_answer: true, urgency: "urgent",
};
const call = (n, minutes, caller, outcome, talk_s, extra = {}) => ({
  id: id(100 + n), direction: "inbound", caller, caller_display: caller, called: "12345", started_at: at(minutes), answered_at: outcome === "answered" ? at(minutes - 0.3) : null,
  ended_at: at(minutes - 3), outcome, agent_no: outcome === "answered" ? "1001" : null, wait_s: 12, talk_s, hung_up_by: n % 2 ? "citizen" : "agent", satisfaction: n === 2 ? 1 : n === 5 ? 3 : null, from_police: n === 3, recordings: [], cases: [], ...extra,
});
const recording = { id: id(900), call_id: id(101), state: "complete", reason: null, duration_s: 96.4, started_at: at(95), peaks_url: `/api/v1/recordings/${id(900)}/peaks`, may_play: true, part: 1, pauses: [{ from_s: 31, to_s: 44.5, reason: "id-card" }] };

const rows = [
  ["解放路 128 号院南门路灯三天不亮，老人夜里摔倒", "accepted", "complaint", 95, "0101", "市民反映：解放路 128 号院南门外三盏路灯自周五起不亮，昨晚一位老人夜里出门摔倒，膝盖受伤。\n附近还有小学，家长担心接送安全。曾向物业反映，物业称不归其管理。"],
  ["解放路 128 号院楼道灯不亮", "closed", "help", 60 * 24 * 9, "0101", "楼道声控灯损坏。"],
  ["咨询异地医保报销材料", "closed", "consult", 60 * 24 * 40, "0401", "老人在青岛住院，如何报销。"],
  ["文化东路井盖破损有异响", "accepted", "complaint", 60 * 26, "0102", "车辆经过有异响，担心塌陷。"],
  ["华能路工地夜间施工噪音", "accepted", "complaint", 60 * 30, "0301", "凌晨一点仍在浇筑。"],
  ["山大路小学门口占道经营", "closed", "report", 60 * 50, "0103", "放学时段拥堵。"],
];
export const cases = rows.map(([title, state, kind, minutes, category, description], i) => ({
  ...form, id: id(i + 1), number: `2026${i ? "1121" : "1123"}-${String(342 - i * 17).padStart(6, "0")}`, title, state, kind, disposition: state === "closed" ? "answered_on_spot" : "open",
  created_at: at(minutes), agent_no: i % 2 ? "1004" : "1001", category, description, draft_id: id(500 + i),
  calls: i === 0 ? [call(1, 95, "13912345678", "answered", 96, { recordings: [recording] })] : [],
  events: [{ at: at(minutes), kind: "case.accepted", by: "agent1", body: {} }, { at: at(minutes - 1), kind: "case.call_linked", by: "agent1", body: {} }], follow_up_of: null, follow_ups: [],
}));
export const today = [call(2, 12, "13853177625", "answered", 141), call(3, 31, "053188886666", "answered", 245), call(4, 47, "13001234567", "abandoned", null), call(1, 95, "13912345678", "answered", 96), call(5, 118, "01065551234", "answered", 388), call(6, 126, "", "answered", 22)];

export const caller = (number) => ({
  number, display: number, kind: "mobile", province: "山东省", city: "济南市", operator: "中国移动", country: null, calls_total: number === "13912345678" ? 4 : 0,
  last_calls: number === "13912345678" ? [{ call_id: id(101), started_at: at(95), outcome: "answered", agent_no: "1001" }, { call_id: id(102), started_at: at(60 * 26), outcome: "abandoned", agent_no: null }, { call_id: id(103), started_at: at(60 * 24 * 9), outcome: "answered", agent_no: "1004" }] : [],
  cases: number === "13912345678" ? cases.slice(0, 3) : [], open_cases: number === "13912345678" ? 1 : 0,
});

export function peaks() {
  const bins = 10, n = 964;
  const voice = (phase) => Array.from({ length: n }, (_, i) => (Math.sin(i / 46 + phase) > 0 ? Math.abs(Math.sin(i * 1.7) * Math.sin(i / 9)) * 0.8 + 0.05 : 0.02));
  return { sample_rate: 8000, bins_per_s: bins, left: voice(0), right: voice(Math.PI) };
}
export { at, id };
