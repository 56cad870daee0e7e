import { describe, expect, it } from "vitest";
import { differences, newQueue, queueValue, spokenIn, standing } from "@/core/tuning";
import type { TunedQueue, Tuning } from "@/core/types";

const queue: TunedQueue = {
  queue: "hotline", title: " 热线 ", strategy: "leastrecent", ring_s: 20, wrap_up_s: 120, weight: 0, max_waiting: 100, announce_every_s: 30,
  announce_place: true, service_s: 15, waiting: 2, agents: 3, revision: 4, at: "2026-11-29T01:00:00Z", by: "root", undo_of: null, in_force: [],
  welcome_text: " 您好 ", welcome_sound_id: "s1", periodic_text: "", periodic_sound_id: null,
};
const told = (node: string, revision: number, refused: number | null = null) => ({
  node, revision, at: "2026-11-29T01:00:00Z", refused_revision: refused, refused: refused === null ? null : "why",
});

describe("the standing of a version", () => {
  it("is in force only where every PBX says so", () => {
    expect(standing(4, [told("a", 4), told("b", 4)]).state).toBe("in_force");
    expect(standing(4, [told("a", 4), told("b", 3)]).state).toBe("waiting");
    expect(standing(4, []).state).toBe("waiting");
  });
  it("says who refused the newest, not an older one", () => {
    expect(standing(4, [told("a", 4), told("b", 3, 4)])).toEqual({ state: "refused", text: "b: why" });
    expect(standing(5, [told("b", 3, 4)]).state).toBe("waiting");
  });
});

describe("values", () => {
  it("sends a queue's values and nothing live", () => {
    expect(Object.keys(queueValue(queue)).sort()).toEqual(
      ["announce_every_s", "announce_place", "max_waiting", "periodic_sound_id", "periodic_text", "ring_s", "service_s", "strategy", "title", "weight", "welcome_sound_id", "welcome_text", "wrap_up_s"],
    );
    expect(queueValue(queue)).toMatchObject({ title: "热线", welcome_text: "您好", welcome_sound_id: "s1", periodic_sound_id: null });
  });
  it("begins a new queue with the first one's values and no version", () => {
    expect(newQueue({ queues: [queue] } as Tuning)).toMatchObject({ queue: "", revision: 0, max_waiting: 100, agents: 0, welcome_text: "", welcome_sound_id: null });
  });
  it("speaks a text in the language that it is written in", () => {
    expect([spokenIn("您好 English"), spokenIn("Hello, 12345")]).toEqual(["zh", "en"]);
  });
  it("tells what differs between two versions", () => {
    expect(differences({ ring_s: 20, weight: 0 }, { ring_s: 9, weight: 0 })).toEqual([{ field: "ring_s", from: "20", to: "9" }]);
    expect(differences({ ring_s: 20 }, { ring_s: 20, welcome_sound_id: null, welcome_text: "" })).toEqual([]);
    expect(differences({}, { queues: { hotline: 1 } })).toEqual([{ field: "queues", from: "–", to: '{"hotline":1}' }]);
  });
});
