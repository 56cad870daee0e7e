// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import DayCalls from "@/components/DayCalls.vue";
import FloorNumbers from "@/components/FloorNumbers.vue";
import FloorQueues from "@/components/FloorQueues.vue";
import { emptyPicture } from "@/core/feed";
import type { DayLive } from "@/core/types";
import { useLive } from "@/stores/live";
import { http } from "@/stores/session";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
const T0 = "2026-11-23T01:00:00Z";
const day = (queue: string, more: Partial<DayLive> = {}): DayLive => ({ queue, at: T0, day: "2026-11-23", offered: 4, answered: 3, abandoned: 0, short: 0, refused: 0, lost: 1, waiting: 0, early: 0, unreached: 1, withheld: 0, connect_rate: 0.75, service_s: 15, service_level: 0, worst_rate: 0.75, worst_until: T0, worst_of: 4, ...more });

async function numbers(...days: DayLive[]) {
  const w = show(FloorNumbers);
  useLive().picture = { ...emptyPicture(), days: Object.fromEntries(days.map((d) => [d.queue, d])) };
  await nextTick();
  const tile = (id: string) => w.get(byId(`floor-${id}`));
  return { w, tile, told: (id: string) => [tile(id).get("strong").text(), tile(id).get("small").text()] };
}

describe("the large numbers", () => {
  it("open exactly what they count: refused and lost together, of that day", async () => {
    const { w, tile, told } = await numbers(day("*"), day("hotline"));
    expect(told("refused")).toEqual(["1", "含中断 1 个"]);
    await tile("refused").trigger("click");
    expect(w.emitted("open")).toEqual([[{ number: "unserved", queue: null, day: "2026-11-23" }]]);
  });
  it("of one queue are its own, with its own seconds, and open its calls", async () => {
    const { w, tile, told } = await numbers(day("tax", { service_s: 20, service_level: 0.75 }));
    expect(told("in_time")).toEqual(["75.0 %", "20 秒内 ÷ 呼入"]);
    await tile("in_time").trigger("click");
    expect(w.emitted("open")).toEqual([[{ number: "in_time", queue: "tax", day: "2026-11-23" }]]);
  });
  it("of several queues are sums; what is no sum is a dash with its reason, and opens nothing", async () => {
    const { w, tile, told } = await numbers(day("tax", { service_s: 20 }), day("water"));
    expect(told("offered")[0]).toBe("8");
    expect(told("connect")[0]).toBe("75.0 %");
    for (const id of ["unreached", "worst"]) expect(told(id)).toEqual(["—", "不能相加，见各队列"]);
    expect(told("in_time")).toEqual(["—", "各队列时限不同，见各队列"]);
    for (const id of ["unreached", "worst", "in_time"]) {
      expect(tile(id).attributes("disabled")).toBeDefined();
      await tile(id).trigger("click");
    }
    expect(w.emitted("open")).toBeUndefined();
    await tile("offered").trigger("click");
    expect(w.emitted("open")).toEqual([[{ number: "offered", queue: null, day: "2026-11-23" }]]);
  });
});

it("each queue says within how many seconds", async () => {
  const w = show(FloorQueues, { wall: false });
  useLive().picture = { ...emptyPicture(), days: { tax: day("tax", { service_s: 20, service_level: 0.75 }) } };
  await nextTick();
  expect(w.get(byId("floor-queue-in-time")).text()).toBe("75.0 % 20 秒内");
});

describe("the calls behind a number", () => {
  const call = (id: string) => ({ id, started_at: T0, caller: "13912345678", outcome: "lost", wait_s: 8, agent_no: null });
  const asked: string[] = [];
  let total = 2;
  beforeEach(() => {
    asked.length = 0;
    vi.spyOn(http, "get").mockImplementation(async (path) => (asked.push(path), { items: [call("a"), call("b")] as never, total }) as never);
  });
  const opened = async () => {
    const w = show(DayCalls, { opened: { number: "unserved", queue: null, day: "2026-11-23" } });
    await flushPromises();
    return { w, page: document.body };
  };
  it("are asked for by number, queue and day", async () => {
    total = 2;
    const { page } = await opened();
    expect(asked).toEqual(["/floor/day/calls?number=unserved&day=2026-11-23"]);
    expect(page.querySelectorAll(byId("day-call"))).toHaveLength(2);
    expect(page.querySelector(byId("day-calls-cut"))).toBeNull();
    expect(page.textContent).toContain("未接入");
  });
  it("say of how many they are the newest", async () => {
    total = 740;
    const { page } = await opened();
    expect(page.querySelector(byId("day-calls-cut"))?.textContent).toBe("共 740 通，以下是最新的 2 通");
  });
});
