/** Queues, numbers, skills and the seat plan: what a screen needs to know of the versions. No framework. */

import type { Tuning, TunedQueue } from "./types";

export const STRATEGIES = ["leastrecent", "fewestcalls", "rrmemory", "random", "ringall"] as const;
/** Of a queue: the field and its limits, as the server has them. */
export const NUMBERS = [
  ["ring_s", 3, 300], ["wrap_up_s", 5, 3600], ["weight", 0, 100], ["max_waiting", 1, 10_000], ["announce_every_s", 15, 3600], ["service_s", 1, 600],
] as const;
/** What a queue may say in its own words. */
export const SOUNDS = ["welcome", "periodic"] as const;
export const PLAN_PROFILES = ["day", "night", "weekend", "holiday", "surge"] as const;

export type Kind = "queue" | "number" | "skills" | "seat_plan" | "trunk";
export interface Warned { code: string; message: string }
/** `waiting`: no PBX has said anything of this version yet. */
export interface Standing { state: "in_force" | "waiting" | "refused"; text: string }

type InForce = TunedQueue["in_force"];

/** What the PBXs say of the newest version. */
export function standing(revision: number, told: InForce): Standing {
  const refused = told.find((one) => one.refused_revision === revision);
  if (refused) return { state: "refused", text: `${refused.node}: ${refused.refused ?? ""}` };
  if (told.length && told.every((one) => one.revision === revision)) return { state: "in_force", text: told.map((one) => one.node).join(", ") };
  return { state: "waiting", text: "" };
}

/** What is sent of a queue: its values and nothing else. */
export function queueValue(queue: TunedQueue): Record<string, unknown> {
  const { title, strategy, ring_s, wrap_up_s, weight, max_waiting, announce_every_s, announce_place, service_s, welcome_sound_id, periodic_sound_id } = queue;
  return {
    title: title.trim(), strategy, ring_s, wrap_up_s, weight, max_waiting, announce_every_s, announce_place, service_s,
    welcome_text: queue.welcome_text.trim(), welcome_sound_id, periodic_text: queue.periodic_text.trim(), periodic_sound_id,
  };
}

/** The voice that a text is for: the queue's callers speak its language, not the line's. */
export const spokenIn = (text: string): "zh" | "en" => (/\p{Script=Han}/u.test(text) ? "zh" : "en");

const SILENT = { welcome_text: "", welcome_sound_id: null, periodic_text: "", periodic_sound_id: null };

/** A queue that is about to be made: the first one's values under another name, without its words. */
export function newQueue(tuning: Tuning): TunedQueue {
  const first = tuning.queues[0]!;
  return { ...first, queue: "", title: "", revision: 0, at: null, by: null, undo_of: null, waiting: 0, agents: 0, in_force: [], ...SILENT };
}

/** Between one version and the one before: "max_waiting: 100 → 40". */
export function differences(before: Record<string, unknown>, after: Record<string, unknown>): { field: string; from: string; to: string }[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return fields.map((field) => ({ field, from: told(before[field]), to: told(after[field]) })).filter((d) => d.from !== d.to);
}

const told = (value: unknown): string => (value === undefined || value === null || value === "" ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value));
