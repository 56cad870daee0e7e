/** The API's resources as functions. One line each; what an answer means is for the caller. */

import type { DraftApi } from "./drafts";
import type { CommandApi } from "./commands";
import type { OpenedNumber } from "./floor";
import { type Http, query } from "./http";
import type {
  Account, Alarm, AuditPage, Average, CalendarDay, Callback, CallbackList, CallbackTaken, CallBrief, CallerInfo, Capacity, Case, CaseBrief, Category, ChainStep, Command, Conference,
  Danger, DayCalls, District, Draft, EarEntry, Floor, Hand, HoursNow, Incident, IncidentCaller, LineSound, Locale, Message, NumberFlag, Page, Peaks, PhoneKind, Policy, PolicyList, PromiseMade, Prompt, PromptAsk, PromptChoice,
  RecordingBrief, RecordingFound, RecordingScores, Reviewer, Score, ScoreForm, SeatPhones, Sheet, ShelfItem, TargetHit, Telling, Tuning, TuningVersion, TelephonyNow, TrunkAsk, User, UserForm, UserList, UserPassword, WhatIf, WhatIfAnswer,
} from "./types";

const part = encodeURIComponent;
type Items<T> = T[] | { items: T[] };
const itemsOf = <T>(found: Items<T>): T[] => (Array.isArray(found) ? found : found.items);

export function server(http: Http) {
  return {
    session: () => http.get<Account>("/session"),
    signIn: (login: string, password: string) => http.call<Account>("POST", "/session", { login, password }),
    signOut: () => http.call<void>("DELETE", "/session"),
    setLocale: (locale: Locale) => http.call<Account>("PATCH", "/session", { locale }),
    changePassword: (password: string, new_password: string) => http.call<void>("POST", "/session/password", { password, new_password }),
    phones: () => http.get<SeatPhones>("/agent/phone"),
    caller: (number: string) => http.get<CallerInfo>(`/caller/${part(number || "anonymous")}`),
    myCalls: (day: string) => http.get<Page<CallBrief>>("/calls" + query({ mine: 1, day })),
    cases: (q: { q?: string; number?: string; phone?: string; after?: string }) =>
      http.get<Page<CaseBrief>>("/cases" + query(q)),
    case: (id: string) => http.get<Case>(`/cases/${part(id)}`),
    categories: () => http.get<Category[]>("/categories"),
    districts: () => http.get<District[]>("/districts"),
    peaks: (url: string) => http.get<Peaks>(url.replace(/^\/api\/v1/, "")),
    reviewers: () => http.get<Items<Reviewer>>("/number-flags/reviewers").then(itemsOf),
    openAlarms: () => http.get<Items<Alarm>>("/alarms" + query({ open: 1 })).then(itemsOf),
    alarms: () => http.get<Items<Alarm>>("/alarms").then(itemsOf),
    acknowledgeAlarm: (id: string) => http.call<Alarm>("POST", `/alarms/${part(id)}/acknowledge`),
    ears: () => http.get<Items<EarEntry>>("/ears").then(itemsOf),
    draftsOfCall: (call_id: string) => http.get<Items<Draft>>("/drafts" + query({ call_id })).then((found) => itemsOf(found).filter((d) => d.call_id === call_id)),
    targets: (q: string) => http.get<Items<TargetHit>>("/targets" + query({ q })).then(itemsOf),
    callbacks: (mine: boolean) => http.get<CallbackList>("/callbacks" + query({ mine: mine ? 1 : null })),
    nextCallback: (command_id: string) => http.call<CallbackTaken>("POST", "/callbacks/next", { command_id }),
    takeCallback: (id: string, command_id: string) => http.call<CallbackTaken>("POST", `/callbacks/${part(id)}/take`, { command_id }),
    releaseCallback: (id: string) => http.call<Callback>("POST", `/callbacks/${part(id)}/release`),
    closeCallback: (id: string, reason: string) => http.call<Callback>("POST", `/callbacks/${part(id)}/close`, { reason }),
    recording: (id: string) => http.get<RecordingBrief>(`/recordings/${part(id)}`),
    openConference: (call_id: string, case_id: string | null) => http.call<Conference>("POST", "/conferences", { call_id, case_id }),
    makePromise: (promise: Record<string, unknown>) => http.call<PromiseMade>("POST", "/promises", promise),
    raiseDanger: (call_id: string, draft_id: string | null) => http.call<Danger>("POST", "/danger", { call_id, draft_id }),
    openDangers: () => http.get<Items<Danger>>("/danger?open=1").then(itemsOf),
    acknowledgeDanger: (id: string) => http.call<Danger>("POST", `/danger/${part(id)}/acknowledge`),
    closeDanger: (id: string) => http.call<Danger>("POST", `/danger/${part(id)}/close`),
    floor: () => http.get<Floor>("/floor"),
    dayCalls: ({ number, queue, day }: OpenedNumber) => http.get<DayCalls>("/floor/day/calls" + query({ number, queue, day })),
    hands: () => http.get<Items<Hand>>("/hands").then(itemsOf),
    raiseHand: (id: string, reason: string) => http.call<Hand>("POST", "/hands", { id, reason }),
    answerHand: (id: string) => http.call<Hand>("POST", `/hands/${part(id)}/answer`),
    lowerHand: (id: string) => http.call<Hand>("POST", `/hands/${part(id)}/lower`),
    messages: () => http.get<Items<Message>>("/messages").then(itemsOf),
    sendMessage: (id: string, to_agent: string | null, text: string) => http.call<Message>("POST", "/messages", { id, to_agent, text }),
    readMessage: (id: string) => http.call<void>("POST", `/messages/${part(id)}/read`),
    reportAbuse: (call_id: string) => http.call<{ step: number }>("POST", "/abuse", { call_id }),
    flags: () => http.get<Items<NumberFlag>>("/number-flags").then(itemsOf),
    createFlag: (flag: object) => http.call<NumberFlag>("POST", "/number-flags", flag),
    appealFlag: (id: string, appeal: string) => http.call<NumberFlag>("POST", `/number-flags/${part(id)}/appeal`, { appeal }),
    liftFlag: (id: string, reason: string) => http.call<NumberFlag>("POST", `/number-flags/${part(id)}/lift`, { reason }),
    hours: () => http.get<HoursNow>("/hours"),
    setPlan: (plan: object) => http.call<HoursNow>("PUT", "/hours/plan", plan),
    setProfile: (name: string, profile: object) => http.call<HoursNow>("PUT", `/hours/profiles/${part(name)}`, profile),
    tuning: () => http.get<Tuning>("/tuning"),
    putTuning: (path: string, change: object) => http.call<Tuning>("PUT", `/tuning/${path}`, change),
    tuningHistory: (kind: string, subject: string) => http.get<TuningVersion[]>(`/tuning/history?kind=${kind}&subject=${part(subject)}`),
    undoTuning: (kind: string, subject: string, undo: object) => http.call<Tuning>("POST", `/tuning/undo?kind=${kind}&subject=${part(subject)}`, undo),
    setOverride: (profile: string, until: string, confirmed: boolean) => http.call<HoursNow>("POST", "/hours/override", { profile, until, confirmed }),
    endOverride: (confirmed: boolean) => http.call<HoursNow>("DELETE", `/hours/override?confirmed=${confirmed}`),
    calendar: (year: number, month: number) => http.get<{ days: CalendarDay[] }>(`/hours/calendar/${year}/${month}`),
    setDay: (day: string, said: { kind: CalendarDay["kind"]; based_on: string; confirmed: boolean }) => http.call<void>("PUT", `/hours/calendar/${part(day)}`, said),
    clearDay: (day: string, based_on: string, confirmed: boolean) => http.call<void>("DELETE", `/hours/calendar/${part(day)}?based_on=${part(based_on)}&confirmed=${confirmed}`),
    uploadSound: (wav: ArrayBuffer) => http.call<LineSound>("POST", "/line-sounds", wav),
    speakSound: (text: string, language?: "zh" | "en") => http.call<LineSound>("POST", "/line-sounds/spoken", { text, language }),
    prompts: () => http.get<Items<Prompt>>("/prompts").then(itemsOf),
    replacePrompt: (asked: PromptAsk) => http.call<Prompt>("POST", "/prompts", asked),
    choosePrompt: (asked: Required<PromptChoice>) => http.call<Prompt>("PUT", "/prompts/active", asked),
    incidents: () => http.get<Items<Incident>>("/incidents").then(itemsOf),
    startIncident: (incident: object) => http.call<Incident>("POST", "/incidents", incident),
    endIncident: (id: string) => http.call<Incident>("POST", `/incidents/${part(id)}/end`),
    tellIncident: (id: string, sound_id: string) => http.call<Telling>("POST", `/incidents/${part(id)}/telling`, { sound_id }),
    stopTelling: (id: string) => http.call<Telling>("POST", `/incidents/${part(id)}/telling/stop`),
    incidentCallers: (id: string) => http.get<Items<IncidentCaller>>(`/incidents/${part(id)}/callers`).then(itemsOf),
    incidentNumbers: (id: string) => http.call<string>("POST", `/incidents/${part(id)}/numbers`),
    telephony: () => http.get<TelephonyNow>("/telephony"),
    createExtension: (extension: object) => http.call<Sheet>("POST", "/telephony/extensions", extension),
    setExtension: (seat: string, extension: object) => http.call<TelephonyNow>("PUT", `/telephony/extensions/${part(seat)}`, extension),
    renewSecret: (seat: string, phone: PhoneKind) => http.call<Sheet | null>("POST", `/telephony/extensions/${part(seat)}/secret`, { phone }),
    retireExtension: (seat: string, confirmed: boolean) => http.call<TelephonyNow>("DELETE", `/telephony/extensions/${part(seat)}?confirmed=${confirmed}`),
    setTrunk: (name: string, trunk: TrunkAsk) => http.call<TelephonyNow>("PUT", `/telephony/trunks/${part(name)}`, trunk),
    removeTrunk: (name: string, confirmed: boolean) => http.call<TelephonyNow>("DELETE", `/telephony/trunks/${part(name)}?confirmed=${confirmed}`),
    trunkHistory: (name: string) => http.get<TuningVersion[]>(`/telephony/trunks/${part(name)}/history`),
    undoTrunk: (name: string, undo: object) => http.call<TelephonyNow>("POST", `/telephony/trunks/${part(name)}/undo`, undo),
    testTrunk: (name: string, test: { id: string; number: string }) => http.call<Command>("POST", `/telephony/trunks/${part(name)}/test`, test),
    trunkTest: (id: string) => http.get<Command>(`/telephony/tests/${part(id)}`),
    setClass: (name: string, c: object) => http.call<TelephonyNow>("PUT", `/telephony/classes/${part(name)}`, c),
    removeClass: (name: string) => http.call<TelephonyNow>("DELETE", `/telephony/classes/${part(name)}`),
    capacity: (day: string) => http.get<Capacity>("/capacity" + query({ day })),
    whatIf: (ask: WhatIf) => http.call<WhatIfAnswer>("POST", "/capacity/what-if", ask),
    recordings: (q: Record<string, string>) => http.get<Page<RecordingFound>>("/recordings" + query(q)),
    scoresOf: (id: string) => http.get<RecordingScores>(`/recordings/${part(id)}/scores`),
    giveScore: (id: string, score: object) => http.call<RecordingScores>("POST", `/recordings/${part(id)}/scores`, score),
    appealScore: (id: string, reason: string) => http.call<object>("POST", `/scores/${part(id)}/appeal`, { reason }),
    answerAppeal: (id: string, score: object) => http.call<RecordingScores>("POST", `/appeals/${part(id)}/score`, score),
    scores: () => http.get<Items<Score>>("/scores").then(itemsOf),
    averages: () => http.get<Items<Average>>("/scores/averages").then(itemsOf),
    scoreForms: () => http.get<Items<ScoreForm>>("/score-forms").then(itemsOf),
    shelf: () => http.get<Items<ShelfItem>>("/shelf").then(itemsOf),
    putOnShelf: (item: object) => http.call<Items<ShelfItem>>("POST", "/shelf", item).then(itemsOf),
    takeOffShelf: (id: string, reason: string) => http.call<Items<ShelfItem>>("POST", `/shelf/${part(id)}/remove`, { reason }).then(itemsOf),
    exportRecording: (id: string, order: object) => http.file(`/recordings/${part(id)}/export`, order),
    users: () => http.get<UserList>("/users"),
    createUser: (form: UserForm) => http.call<UserPassword>("POST", "/users", form),
    changeUser: (id: string, form: Omit<UserForm, "login"> & { based_on: string; confirmed: boolean }) => http.call<User>("PUT", `/users/${part(id)}`, form),
    resetPassword: (id: string) => http.call<UserPassword>("POST", `/users/${part(id)}/password`),
    lockUser: (id: string, confirmed: boolean) => http.call<User>("POST", `/users/${part(id)}/lock?confirmed=${confirmed}`),
    unlockUser: (id: string) => http.call<User>("POST", `/users/${part(id)}/unlock`),
    policies: () => http.get<PolicyList>("/policies"),
    setPolicies: (asked: Record<string, Policy["value"] | null>) => http.call<PolicyList>("PATCH", "/policies", asked),
    audit: (q: Record<string, string>) => http.get<AuditPage>("/audit" + query(q)),
    auditChain: (after: number, head: string) => http.get<ChainStep>("/audit/chain" + (after ? query({ after, head }) : "")),
    audioUrl: (id: string) => http.url(`/recordings/${part(id)}/audio`),
  };
}

export type Server = ReturnType<typeof server>;

export const draftApi = (http: Http): DraftApi => ({
  list: async () => {
    const found = await http.get<Draft[] | Page<Draft>>("/drafts");
    return Array.isArray(found) ? found : found.items;
  },
  get: (id) => http.get<Draft>(`/drafts/${part(id)}`),
  put: (id, body) => http.call<Draft>("PUT", `/drafts/${part(id)}`, body),
  remove: (id) => http.call<void>("DELETE", `/drafts/${part(id)}`),
  submit: (r, form, disposition) =>
    http.call<Case>("POST", "/cases", {
      draft_id: r.id,
      call_id: r.callId,
      form,
      disposition,
      follow_up_of: r.followUpOf?.id ?? null,
      continues: r.continues ?? null,
    }),
});

export const commandApi = (http: Http): CommandApi => ({
  post: (command) => http.call<Command>("POST", "/commands", command),
  get: (id) => http.get<Command>(`/commands/${part(id)}`),
});
