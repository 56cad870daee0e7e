import { describe, expect, it } from "vitest";
import { clockText, countdownText, masked, readable } from "@/core/number";

describe("readable numbers", () => {
  it.each([
    ["13912345678", "139 1234 5678"],
    ["+8613912345678", "139 1234 5678"],
    ["008613912345678", "139 1234 5678"],
    ["01088886666", "010 8888 6666"],
    ["02512345678", "025 1234 5678"],
    ["053188886666", "0531 8888 6666"],
    ["05435551234", "0543 555 1234"],
    ["4008123123", "400 812 3123"],
    ["12345", "12345"],
    ["+12125551234", "+1 212 555 1234"],
    ["", ""],
    [null, ""],
    ["anonymous", "anonymous"],
  ])("%s → %s", (raw, text) => expect(readable(raw)).toBe(text));
});

describe("durations", () => {
  it("cuts seconds that have not passed", () => expect(clockText(75.99)).toBe("01:15"));
  it("shows hours only when there are some", () => expect(clockText(3675)).toBe("1:01:15"));
  it("is zero for nothing and for less", () => expect([clockText(null), clockText(-4)]).toEqual(["00:00", "00:00"]));
  it("counts down to zero exactly at the end", () => expect([countdownText(0.2), countdownText(0)]).toEqual(["00:01", "00:00"]));
});

describe("secrets", () => {
  it("shows the ends only, and never the length", () => {
    expect(masked("q7Zt-4mWc-91bK")).toBe("q••••••••K");
    expect(masked("ab")).toBe("•••");
  });
});
