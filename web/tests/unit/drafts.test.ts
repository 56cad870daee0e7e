// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { PAUSE_MS } from "@/core/drafts";
import { browserStorage, submittedCalls } from "@/core/draftStorage";
import { ApiProblem } from "@/core/problem";
import { House, kept, page as openPage, settle } from "./draftHouse";

let house: House;
const page = (account?: string) => openPage(house, account);

beforeEach(() => {
  house = new House();
  vi.useFakeTimers();
});

describe("typing", () => {
  it("is in this browser at once and with the server after a pause", async () => {
    const p = page();
    const { id } = p.drafts.forCall("call-1", "13912345678");
    p.drafts.edit(id, { title: "路" });
    expect(kept()[0]!.body.title).toBe("路");
    expect(house.puts).toBe(0);
    await settle(PAUSE_MS - 1);
    p.drafts.edit(id, { title: "路灯" });
    await settle();
    expect(house.puts).toBe(1);
    expect(house.drafts.get(id)).toMatchObject({ call_id: "call-1", body: { title: "路灯", citizen_number: "13912345678" } });
    expect(p.states.get(id)).toBe("saved");
  });

  it("during a slow save is saved after it", async () => {
    const p = page();
    const { id } = p.drafts.create(null);
    let free = () => {};
    const put = house.put.bind(house);
    house.put = async (...a) => (await new Promise<void>((r) => (free = r)), put(...a));
    p.drafts.edit(id, { title: "a" });
    await settle();
    p.drafts.edit(id, { title: "ab" });
    await settle();
    house.put = put;
    free();
    await settle(PAUSE_MS * 2);
    expect(house.drafts.get(id)?.body.title).toBe("ab");
    expect(p.states.get(id)).toBe("saved");
  });

  it("opens the same draft for the same call, and leaves a trace of an answered call without a word", async () => {
    const p = page();
    const a = p.drafts.forCall("call-1", "139");
    expect(p.drafts.forCall("call-1", "139").id).toBe(a.id);
    p.drafts.touch(a.id);
    await settle();
    expect(house.drafts.get(a.id)?.call_id).toBe("call-1");
  });
});

describe("a call that was a colleague's", () => {
  const theirs = { id: "theirs", call_id: "call-1", rev: 7, body: { title: "路灯不亮", citizen_number: "139" }, updated_at: "2026-11-23T01:00:00Z", created_at: "2026-11-23T01:00:00Z" };

  it("goes on with what the colleague typed, and says so to the server", async () => {
    const p = page();
    const { id } = p.drafts.forCall("call-1", "139");
    p.drafts.touch(id);
    await settle();
    expect(p.drafts.continueFrom(id, theirs)).toBe(true);
    p.drafts.edit(id, { description: "整条街" });
    await settle(PAUSE_MS * 2);
    expect(house.drafts.get(id)?.body).toMatchObject({ title: "路灯不亮", description: "整条街" });
    expect(house.continued.get(id)).toBe("theirs");
    expect(kept()[0]?.continues).toBe("theirs");
  });

  it("never replaces words of one's own, nor a form that goes on already, nor fills in nothing", () => {
    const p = page();
    const { id } = p.drafts.forCall("call-1", "139");
    expect(p.drafts.continueFrom(id, { ...theirs, body: {} })).toBe(false);
    p.drafts.edit(id, { title: "我的" });
    expect(p.drafts.continueFrom(id, theirs)).toBe(false);
    expect(p.drafts.get(id)?.body.title).toBe("我的");
  });
});

describe("two tabs", () => {
  it("use one draft for one call", () => {
    const [a, b] = [page(), page()];
    const { id } = a.drafts.forCall("call-1", "139");
    a.drafts.edit(id, { title: "在第一个标签页" });
    expect(b.drafts.forCall("call-1", "139")).toMatchObject({ id, body: { title: "在第一个标签页" } });
  });

  it("know which calls already have their case", () => {
    submittedCalls.add("call-1");
    expect(submittedCalls.all()).toEqual(["call-1"]);
    localStorage.setItem("lianxin.submitted", "{broken");
    expect(submittedCalls.all()).toEqual([]);
  });
});

describe("nothing typed is lost", () => {
  it("by a dead API", async () => {
    const p = page();
    const { id } = p.drafts.create(null);
    house.up = false;
    p.drafts.edit(id, { description: "老人摔倒" });
    await settle();
    expect(p.states.get(id)).toBe("browser");
    await settle(5000);
    house.up = true;
    await settle(1000);
    expect(house.drafts.get(id)?.body.description).toBe("老人摔倒");
    expect(p.states.get(id)).toBe("saved");
  });

  it.each([500, 503, 429, 401])("by an API that answers %s", async (status) => {
    const p = page();
    const { id } = p.drafts.create(null);
    house.answer = new ApiProblem(status, "x", "");
    p.drafts.edit(id, { title: "a" });
    await settle();
    expect(p.states.get(id)).toBe("browser");
    house.answer = null;
    await settle(1000);
    expect(p.states.get(id)).toBe("saved");
  });

  it("by a crash before the pause was over", async () => {
    const before = page();
    const { id } = before.drafts.forCall("call-1", "139");
    before.drafts.edit(id, { title: "没来得及保存" });
    before.drafts.close(); // only stops its timers: the page is gone
    const after = page();
    expect(after.drafts.forCall("call-1", "139")).toMatchObject({ id, body: { title: "没来得及保存" } });
    await after.drafts.load();
    await settle();
    expect(house.drafts.get(id)?.body.title).toBe("没来得及保存");
  });

  it("by a reload while the API is dead, then alive", async () => {
    house.up = false;
    const before = page();
    const { id } = before.drafts.create(null);
    before.drafts.edit(id, { title: "离线" });
    await settle();
    before.drafts.close();
    const after = page();
    await expect(after.drafts.load()).rejects.toThrow();
    expect(after.states.get(id)).toBe("browser");
    after.drafts.flush();
    await settle(3000);
    house.up = true;
    await settle(1000);
    expect(house.drafts.get(id)?.body.title).toBe("离线");
  });

  it("by signing out: what the server lacks waits for the same account, what it has leaves the browser", async () => {
    const p = page();
    const saved = p.drafts.create(null).id;
    p.drafts.edit(saved, { title: "已保存" });
    await settle();
    house.up = false;
    const unsent = p.drafts.create(null).id;
    p.drafts.edit(unsent, { title: "未保存" });
    p.drafts.close();
    expect(kept().map((r) => r.id)).toEqual([unsent]);
    expect(browserStorage("agent2").all()).toEqual([]);
    house.up = true;
    const again = page();
    await again.drafts.load();
    await settle();
    expect(house.drafts.get(unsent)?.body.title).toBe("未保存");
    expect(again.drafts.get(saved)?.body.title).toBe("已保存");
  });

  it("by a browser that cannot store: it says so and still sends", async () => {
    const p = page();
    const { id } = p.drafts.create(null);
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    p.drafts.edit(id, { title: "a" });
    expect(p.states.get(id)).toBe("memory");
    await settle();
    expect(p.states.get(id)).toBe("saved");
  });

  it("by a refusal: the text stays and the reason is said", async () => {
    const p = page();
    const { id } = p.drafts.create(null);
    house.answer = new ApiProblem(422, "request.invalid", "");
    p.drafts.edit(id, { title: "a" });
    await settle();
    expect(p.log.refused).toEqual(["request.invalid"]);
    expect(kept()[0]!.body.title).toBe("a");
  });

  it("skips a half-written entry and keeps the others", () => {
    localStorage.setItem("lianxin.draft.agent1.bad", '{"id":"bad","bo');
    page().drafts.create(null);
    expect(kept()).toHaveLength(1);
  });
});
