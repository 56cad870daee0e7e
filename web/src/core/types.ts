/**
 * The shapes the server speaks, generated from its OpenAPI document (`npm run types`). The desk imports them from here
 * and from nowhere else; what a generated shape cannot say is narrowed here.
 */

import type * as wire from "@/api/types.gen";

export type {
  Account, AgentLive, Alarm, AuditLine, AuditPage, Average, Callback, CallbackList, CallbackTaken, CallBrief, CallerInfo, CallLive, Capacity, CapacitySlot, CaseBrief, CaseEvent,
  CaseKind, Category, ChainStep, Command, CommandState, Conference, Danger, DayCalls, DayLive, Disposition, District, Ear, EarEntry, EarMode, EarsLive, Floor, Hand, Locale,
  Message, NodeLive, NumberFlag, Party, PartyKind, PartyState, Peaks, Person, QueueLive, RecorderLive, RecordingBrief, RecordingFound, RecordingPause,
  RecordingScores, Reviewer, Role, Score, ScoreForm, SeatAdvice, SeatPhones, ShelfItem, Snapshot, TargetHit, TrunkLive, Urgency, User, UserList, UserPassword, WhatIf, WhatIfAnswer,
} from "@/api/types.gen";

export type PhoneKind = wire.Phone;
export type { HoursNow, IncidentCaller, Policy, PolicyList, PromptAsk, PromptChoice, PromptSpoken } from "@/api/types.gen";
export type CalendarDay = wire.CalendarDayAnswer;
export type Tuning = wire.TuningAnswer;
export type { TunedQueue, TuningVersion } from "@/api/types.gen";
/** What is sent of the plan; `confirmed` comes with the request. */
export type PlanChange = Omit<wire.HoursAsk, "confirmed">;
export type LineProfile = wire.LineProfileAnswer;
export type UserForm = Required<wire.UserNew>;
export type ProfileName = wire.Profile;
export type LineSound = wire.LineSoundAnswer;
export type Prompt = wire.PromptAnswer;
export type Incident = wire.IncidentAnswer;
export type Telling = wire.TellingAnswer;
export type { EndpointNow, Extension, DialKind, Sheet, TelephonyNow } from "@/api/types.gen";
export type Trunk = wire.TrunkAnswer;
export type TrunkAsk = wire.TrunkAsk;
export type ClassOfService = wire.ClassAnswer;
/** A form on the screen has every field; what is sent or stored may lack some. */
export type CaseForm = Required<wire.CaseForm>;
export type Draft = Omit<wire.Draft, "body" | "created_at"> & { body: Partial<CaseForm> };
export type Case = wire.Case;
export type ScoreQuestion = wire.Question;
/** `Promise` is the language's own word. */
export type PromiseMade = wire.Promise;

export interface Page<T> {
  items: T[];
  next: string | null;
}

/** Messages of the feed socket, with the rows seen alike: what a topic's body is, the reader of that topic knows. */
export type FeedRow = {
  type: "row";
  seq: number;
  prev: number;
  topic: string;
  key: string;
  body: Record<string, unknown> | null;
  at?: string;
};
export type FeedMessage =
  | (Omit<wire.HelloMessage, "missed" | "complete"> & { missed?: FeedRow[]; complete?: boolean })
  | FeedRow
  | wire.ResyncMessage
  | (Omit<wire.PingMessage, "feed" | "feed_since"> & Partial<wire.PingMessage>)
  | wire.PhoneOwnerMessage;
export type ClientMessage = wire.ClientMessage;
