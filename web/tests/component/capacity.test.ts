// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import Capacity from "@/pages/Capacity.vue";
import { http } from "@/stores/session";
import { answer, day } from "../capacityHouse";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
vi.mock("vue-router", () => ({ RouterLink: { template: "<a><slot /></a>" } }));

/** The wire: what was asked, and the answers of a server. */
const asked: { changes: { begin: string; more: number }[]; patience_s: number | null }[] = [];
beforeEach(() => {
  asked.length = 0;
  vi.useFakeTimers();
  vi.spyOn(http, "get").mockImplementation(async () => day() as never);
  vi.spyOn(http, "call").mockImplementation(async (_method, _path, body) => {
    asked.push(body as (typeof asked)[number]);
    return answer(asked.at(-1)!.changes.length ? { advice: [], within_low: 0.96, within_high: 0.98 } : {}) as never;
  });
});

async function page() {
  const w = show(Capacity);
  await flushPromises();
  return w;
}
async function settle(): Promise<void> {
  vi.advanceTimersByTime(400);
  await flushPromises();
}

describe("the page of capacity", () => {
  it("shows lines, seats and people side by side, and where the minutes went", async () => {
    const w = await page();
    const row = w.findAll(byId("capacity-row"));
    expect(row).toHaveLength(2); // what has not begun is not there
    expect(row[0]!.findAll("td").map((td) => td.text())).toEqual(["20", "15", "9", "5", "6", "4", "2.0", "1.5", "40", "0", "0", "0", "15", "5"]);
    expect(w.get(byId("capacity-pauses")).text()).toContain("15");
    expect(w.get(byId("capacity-chart")).attributes()).toMatchObject({ role: "img" });
    expect(w.get(byId("site-callers")).text()).toContain("500");
  });

  it("says in a sentence what would help, and tries it", async () => {
    const w = await page();
    expect(w.get(byId("advice")).text()).toContain("增开 3 个座席");
    expect(w.get(byId("whatif-formulas")).text()).toBe("31.0 % 至 62.0 %");
    await w.get(byId("advice-try")).trigger("click");
    await settle();
    expect(asked.at(-1)!.changes).toEqual([{ begin: day().slots[0]!.begin, end: day().slots[0]!.end, more: 3 }]);
    expect(w.find(byId("advice-none")).exists()).toBe(true);
    expect((w.get(byId("whatif-more")).element as HTMLInputElement).value).toBe("3");
  });

  it("asks once for the value at which the slider rests", async () => {
    const w = await page();
    const before = asked.length;
    for (const value of ["1", "2", "5"]) await w.get(byId("whatif-more")).setValue(value);
    await settle();
    expect(asked).toHaveLength(before + 1);
    expect(asked.at(-1)!.changes[0]!.more).toBe(5);
    expect(w.get(byId("whatif-now")).text()).toContain("+5");
    expect(w.get(byId("whatif-more")).attributes("aria-valuetext")).toContain("+5");
  });

  it("takes other callers, and the site's own again", async () => {
    const w = await page();
    await w.get(byId("whatif-patience")).setValue("20");
    await settle();
    expect(asked.at(-1)!.patience_s).toBe(20);
    await w.get(byId("whatif-reset")).trigger("click");
    await settle();
    expect(asked.at(-1)!.patience_s).toBeNull();
  });
});
