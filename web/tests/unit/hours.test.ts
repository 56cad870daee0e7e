import { describe, expect, it } from "vitest";
import { asked, clockOf, minuteOf, weeksOf } from "@/core/hours";
import type { CalendarDay, LineProfile } from "@/core/types";
import { encodeWav } from "@/core/wav";

const day = (n: number): CalendarDay => ({ day: `2026-09-${String(n).padStart(2, "0")}`, version: "", kind: "workday", name_zh: "", name_en: "", source: "", set: false, provisional: false });

describe("hours", () => {
  it.each([["08:15", 495], ["0:00", 0], ["23:45", 1425], ["24:00", null], ["08:10", null], ["8", null], ["08:75", null], ["", null]])("%s is minute %s", (text, minute) => expect(minuteOf(text)).toBe(minute));
  it("says minutes as the clock does", () => expect([0, 495, 1425].map(clockOf)).toEqual(["00:00", "08:15", "23:45"]));

  it("lays September 2026 out from Monday", () => {
    const weeks = weeksOf(Array.from({ length: 30 }, (_, n) => day(n + 1)));
    expect(weeks.map((w) => w.map((d) => (d ? Number(d.day.slice(8)) : 0)))).toEqual([
      [0, 1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12, 13], [14, 15, 16, 17, 18, 19, 20], [21, 22, 23, 24, 25, 26, 27], [28, 29, 30, 0, 0, 0, 0],
    ]);
    expect(weeksOf([])).toEqual([]);
  });

  it("sends a number only where a telephone is meant", () => {
    const to = (kind: "message" | "duty", text: string) => ({ kind, to: text });
    const profile: LineProfile = { name: "night", version: "1", max_waiting: 9, max_wait_s: 60, opening_text: "", sound_id: null, on_full: to("message", "053188880001"), on_no_agent: to("duty", " 053188880001 "), on_too_long: to("message", "") };
    expect(asked(profile)).toEqual({ max_waiting: 9, max_wait_s: 60, opening_text: "", sound_id: null, on_full: to("message", ""), on_no_agent: to("duty", "053188880001"), on_too_long: to("message", "") });
  });
});

describe("a recording", () => {
  it("is a WAV file of 16 bit, clipped where it is too loud", () => {
    const view = new DataView(encodeWav(new Float32Array([0, 0.5, -1, 2]), 16_000));
    expect(view.byteLength).toBe(44 + 8);
    expect(new TextDecoder().decode(view.buffer.slice(0, 16))).toMatch(/^RIFF.{4}WAVEfmt $/s);
    expect(view.getUint32(24, true)).toBe(16_000);
    expect([44, 46, 48, 50].map((at) => view.getInt16(at, true))).toEqual([0, 16384, -32767, 32767]);
  });
});
