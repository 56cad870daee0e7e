// @vitest-environment jsdom
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it } from "vitest";
import { useTurns } from "@/composables/useTurns";

beforeEach(() => setActivePinia(createPinia()));
const later = <T>(value: T) => new Promise<T>((done) => setTimeout(() => done(value), 5));

describe("one request after another", () => {
  it("loses nothing that is asked for while something else is under way", async () => {
    const turns = useTurns();
    expect(await Promise.all([turns.run("search", () => later(1)), turns.run("scores", () => later(2))])).toEqual([1, 2]);
    expect(turns.busy.value).toBeNull();
  });
  it("goes on after one that failed, which is null", async () => {
    const turns = useTurns();
    const failed = turns.run("search", () => Promise.reject(new Error("away")));
    expect(await Promise.all([failed, turns.run("scores", () => later(2))])).toEqual([null, 2]);
  });
  it("does once what a key pressed twice asks for", async () => {
    const turns = useTurns();
    const first = turns.once("give", () => later(1));
    await Promise.resolve();
    expect(await turns.once("give", () => later(2))).toBeNull();
    expect(await first).toBe(1);
  });
});
