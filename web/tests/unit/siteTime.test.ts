import { describe, expect, it } from "vitest";
import { siteDay, siteTime } from "@/core/siteTime";

const EVENING = new Date("2026-11-23T16:05:09Z");

describe("the site's time", () => {
  it("has the site's day, not the browser's", () => {
    expect(siteDay(EVENING, "Asia/Shanghai")).toBe("2026-11-24");
    expect(siteDay(EVENING, "America/New_York")).toBe("2026-11-23");
  });
  it("has the site's hour, midnight as 00", () => {
    expect(siteTime(EVENING, "zh-CN", "Asia/Shanghai")).toBe("00:05");
    expect(siteTime(EVENING, "en", "America/New_York", true)).toBe("11:05:09");
  });
});
