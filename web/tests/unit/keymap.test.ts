import { describe, expect, it } from "vitest";
import { actionOf, ariaKey, isDtmf, KEYS, keyText, type Pressed } from "@/core/keymap";

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });

describe("keys", () => {
  it("no two actions share one", () => {
    const all = Object.keys(KEYS).map((a) => keyText(a as keyof typeof KEYS));
    expect(new Set(all).size).toBe(all.length);
  });

  it("work while typing", () => {
    expect(actionOf(press("F2"), true)).toBe("answer");
    expect(actionOf(press("F2", { shiftKey: true }), true)).toBe("hangup");
    expect(actionOf(press("Enter", { ctrlKey: true }), true)).toBe("submit");
    expect(actionOf(press("Enter", { metaKey: true }), true)).toBe("submit");
  });

  it("never fire from a held key, an input method, or with Alt", () => {
    expect(actionOf(press("F2", { repeat: true }), false)).toBeNull();
    expect(actionOf(press("Enter", { ctrlKey: true, isComposing: true }), true)).toBeNull();
    expect(actionOf(press("F4", { altKey: true }), false)).toBeNull();
  });

  it("? is a question mark in a field", () => {
    expect(actionOf(press("?", { shiftKey: true }), false)).toBe("help");
    expect(actionOf(press("?", { shiftKey: true }), true)).toBeNull();
  });

  it("plain letters and Enter belong to the form", () => {
    for (const key of ["a", "Enter", "Tab", "Escape", " "]) expect(actionOf(press(key), false)).toBeNull();
  });

  it("are named as aria wants", () => expect(ariaKey("submit")).toBe("Control+Enter"));
  it("knows what a telephone can send", () => expect(["5", "*", "#", "a", "12", ""].map(isDtmf)).toEqual([true, true, true, false, false, false]));
});
