// @vitest-environment jsdom
import { enableAutoUnmount } from "@vue/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import ScoreGive from "@/components/ScoreGive.vue";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
const questions = [
  { key: "greeting", zh: "开头语", en: "Greeting", weight: 10, most: 2 },
  { key: "record", zh: "记录", en: "Record", weight: 30, most: 5 },
];
const form = { id: "f1", code: "service", version: 1, name_zh: "通用", name_en: "General", questions };

describe("scoring with the keyboard", () => {
  it("goes from question to question by digits, and is not sent with a gap", async () => {
    const given: unknown[] = [];
    const w = show(ScoreGive, { form, heading: "评分", busy: false, save: (...a: unknown[]) => (given.push(a), Promise.resolve(true)) });
    await w.get(byId("score-q-greeting")).trigger("keydown", { key: "1" });
    expect(document.activeElement?.getAttribute("data-testid")).toBe("score-q-record-0");
    await w.get(byId("score-save")).trigger("click");
    expect(given).toEqual([]);
    expect(w.get(byId("score-gap")).attributes("role")).toBe("alert");
    expect(w.get(byId("score-q-record")).attributes("data-state")).toBe("missing");
    await w.get(byId("score-q-record")).trigger("keydown", { key: "9" });
    expect(w.get(byId("score-total")).text()).toContain("50");
    await w.get(byId("score-q-record")).trigger("keydown", { key: "5" });
    await w.get(byId("score-comment")).setValue("  记录完整 ");
    expect(w.get(byId("score-total")).text()).toContain("87.5");
    await w.get(byId("score-save")).trigger("click");
    expect(given).toEqual([[{ greeting: 1, record: 5 }, "记录完整"]]);
  });
});
