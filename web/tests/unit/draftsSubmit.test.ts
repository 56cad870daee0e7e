// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { PAUSE_MS } from "@/core/drafts";
import { ApiProblem } from "@/core/problem";
import { House, kept, page as openPage, settle, T } from "./draftHouse";

let house: House;
const page = () => openPage(house);

beforeEach(() => {
  house = new House();
  vi.useFakeTimers();
});

describe("two versions", () => {
  async function conflict() {
    const p = page();
    const { id } = p.drafts.create(null);
    p.drafts.edit(id, { title: "一" });
    await settle();
    house.drafts.set(id, { ...house.drafts.get(id)!, rev: 40, body: { title: "班长的" } });
    p.drafts.edit(id, { title: "我的" });
    await settle();
    return { ...p, id };
  }

  it("are both kept until the agent chooses", async () => {
    const { drafts, states, id } = await conflict();
    expect(states.get(id)).toBe("conflict");
    expect(drafts.get(id)).toMatchObject({ body: { title: "我的" }, conflict: { body: { title: "班长的" } } });
    drafts.edit(id, { wish: "继续输入" });
    await settle(10_000);
    expect(house.drafts.get(id)?.body.title).toBe("班长的");
    expect(kept()[0]!.body.wish).toBe("继续输入");
  });

  it("mine wins when chosen", async () => {
    const { drafts, states, id } = await conflict();
    drafts.resolve(id, "mine");
    await settle();
    expect(house.drafts.get(id)?.body.title).toBe("我的");
    expect(states.get(id)).toBe("saved");
  });

  it("theirs wins when chosen", async () => {
    const { drafts, id } = await conflict();
    drafts.resolve(id, "theirs");
    await settle(10_000);
    expect(drafts.get(id)).toMatchObject({ body: { title: "班长的" }, rev: 40, savedRev: 40, conflict: null });
  });

  it("that say the same are no conflict", async () => {
    const p = page();
    const { id } = p.drafts.create(null);
    house.drafts.set(id, { id, rev: 9, body: { title: "a" }, updated_at: T });
    p.drafts.edit(id, { title: "a" });
    await settle();
    expect(p.states.get(id)).toBe("saved");
  });

  it("are noticed after a reload too, though this page's counter is the higher one", async () => {
    const before = page();
    const { id } = before.drafts.create(null);
    before.drafts.edit(id, { title: "a" });
    await settle();
    house.up = false;
    for (const title of ["ab", "abc", "abcd"]) before.drafts.edit(id, { title });
    before.drafts.close();
    house.up = true;
    house.drafts.set(id, { id, rev: 2, body: { title: "别处" }, updated_at: T });
    const after = page();
    await after.drafts.load();
    expect(after.states.get(id)).toBe("conflict");
  });

  it("newer text of the server replaces mine that it already had", async () => {
    const before = page();
    const { id } = before.drafts.create(null);
    before.drafts.edit(id, { title: "a" });
    await settle();
    house.drafts.set(id, { id, rev: 7, body: { title: "在另一台电脑上写完" }, updated_at: T });
    const after = page();
    await after.drafts.load();
    expect(after.drafts.get(id)?.body.title).toBe("在另一台电脑上写完");
  });
});

describe("submitting", () => {
  it("sends once, clears the browser, and tells", async () => {
    const p = page();
    const { id } = p.drafts.forCall("call-1", "139");
    p.drafts.edit(id, { description: "路灯不亮。三天了。" });
    p.drafts.submit(id, "open");
    p.drafts.submit(id, "open");
    await settle(5000);
    expect(house.cases).toEqual([{ id, title: "路灯不亮", disposition: "open" }]);
    expect(p.log.submitted).toEqual([id]);
    expect(kept()).toEqual([]);
  });

  it("waits for a dead API, across a reload", async () => {
    const before = page();
    const { id } = before.drafts.create(null);
    before.drafts.edit(id, { title: "a" });
    house.up = false;
    before.drafts.submit(id, "answered_on_spot");
    await settle();
    expect(before.states.get(id)).toBe("queued");
    before.drafts.close();
    const after = page();
    await expect(after.drafts.load()).rejects.toThrow();
    after.drafts.flush();
    house.up = true;
    await settle(2000);
    expect(house.cases).toEqual([{ id, title: "a", disposition: "answered_on_spot" }]);
  });

  it("does not change under the agent's hands meanwhile", async () => {
    const p = page();
    const { id } = p.drafts.create(null);
    p.drafts.edit(id, { title: "a" });
    house.up = false;
    p.drafts.submit(id, "open");
    p.drafts.edit(id, { title: "b" });
    expect(p.drafts.get(id)?.body.title).toBe("a");
  });

  it("that is refused gives the form back", async () => {
    const p = page();
    const { id } = p.drafts.create(null);
    p.drafts.edit(id, { title: "a" });
    await settle();
    house.answer = new ApiProblem(422, "case.incomplete", "缺少类别");
    p.drafts.submit(id, "open");
    await settle();
    expect(p.log.refused).toEqual(["case.incomplete"]);
    house.answer = null;
    p.drafts.edit(id, { category: "0101" });
    p.drafts.submit(id, "open");
    await settle();
    expect(house.cases).toHaveLength(1);
  });

  it("elsewhere does not swallow what is typed here", async () => {
    const p = page();
    const { id } = p.drafts.create(null);
    p.drafts.edit(id, { title: "a" });
    await settle();
    const put = house.put.bind(house);
    house.put = async (d, b) => {
      if (d === id) throw new ApiProblem(409, "draft.submitted", "", [], { number: "20261123-000001" });
      return put(d, b);
    };
    p.drafts.edit(id, { title: "之后又写的" });
    await settle(PAUSE_MS * 2);
    expect(p.drafts.get(id)).toBeUndefined();
    expect([...house.drafts.values()].some((d) => d.body.title === "之后又写的")).toBe(true);
  });

  it("elsewhere removes a finished draft from this browser", async () => {
    const before = page();
    const { id } = before.drafts.create(null);
    before.drafts.edit(id, { title: "a" });
    await settle();
    house.drafts.delete(id);
    const after = page();
    await after.drafts.load();
    expect(after.drafts.all()).toEqual([]);
    expect(kept()).toEqual([]);
  });
});

describe("discarding", () => {
  it("removes it here and there", async () => {
    const p = page();
    const { id } = p.drafts.create(null);
    p.drafts.edit(id, { title: "a" });
    await settle();
    await p.drafts.discard(id);
    expect([house.drafts.size, kept().length, p.drafts.all().length]).toEqual([0, 0, 0]);
  });

  it("keeps it when the server does not answer", async () => {
    const p = page();
    const { id } = p.drafts.create(null);
    p.drafts.edit(id, { title: "a" });
    await settle();
    house.up = false;
    await expect(p.drafts.discard(id)).rejects.toThrow();
    expect(p.drafts.get(id)?.body.title).toBe("a");
  });
});

describe("a draft begun while the feed was silent", () => {
  it("learns its call later", async () => {
    const p = page();
    const { id } = p.drafts.create(null, "139");
    p.drafts.edit(id, { title: "a" });
    await settle();
    p.drafts.link(id, "call-9");
    await settle();
    expect(house.drafts.get(id)?.call_id).toBe("call-9");
  });
});
