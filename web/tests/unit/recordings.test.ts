import { describe, expect, it } from "vitest";
import { asked, caseNumber, firstGap, noFilters, pointsOfKey, totalOf } from "@/core/recordings";

const question = (key: string, weight: number, most: number) => ({ key, zh: key, en: key, weight, most });
const QUESTIONS = [question("greeting", 10, 2), question("listening", 20, 5), question("record", 20, 5)];

describe("a search", () => {
  it("asks only for what is filled in", () => {
    expect(asked(noFilters())).toEqual({});
    expect(asked({ ...noFilters(), q: " 路灯 ", danger: true, case_number: "20261123 7" })).toEqual({ q: "路灯", danger: "1", case_number: "20261123-000007" });
  });
  it("writes case numbers as they are stored", () => {
    expect(caseNumber("20261123-000001")).toBe("20261123-000001");
    expect(caseNumber("202611231")).toBe("20261123-000001");
    expect(caseNumber("路灯")).toBe("路灯");
  });
});

describe("a score", () => {
  it("is counted as the server counts it: weights, points, and nothing for what did not apply", () => {
    expect(totalOf(QUESTIONS, { greeting: 1, listening: 4, record: null })).toBe(70);
    expect(totalOf(QUESTIONS, { greeting: 2, listening: 5, record: 0 })).toBe(60);
    expect(totalOf(QUESTIONS, { greeting: null })).toBeNull();
  });
  it("may be given when every question has points or does not apply", () => {
    expect(firstGap(QUESTIONS, { greeting: 0, listening: null })).toBe("record");
    expect(firstGap(QUESTIONS, { greeting: 0, listening: null, record: 5 })).toBeNull();
  });
  it("takes digits within the points and a dash", () => {
    expect([pointsOfKey("2", 2), pointsOfKey("3", 2), pointsOfKey("-", 2), pointsOfKey("a", 5)]).toEqual([2, undefined, null, undefined]);
  });
});
