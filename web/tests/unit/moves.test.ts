import { describe, expect, it } from "vitest";
import { gapAt, gapsOn } from "@/core/gaps";
import { emptyForm } from "@/core/form";
import { lastWords, readOut } from "@/core/lastWords";
import { emptyPromise, fromSiteLocal, gapsOf, proposedDue, siteLocal } from "@/core/promises";
import { asNumber, POLICE, rowOf, rowsOf, waysTo } from "@/core/targets";
import type { TargetHit } from "@/core/types";

const hit = (more: Partial<TargetHit> = {}): TargetHit => ({ kind: "agency", id: "n1", agency_id: "a1", name: "市城管局", label: "夜间值班", number: "053186660101", initials: "scgj", on_duty: true, refusals_30d: 2, ...more }) as TargetHit;

describe("whom to call", () => {
  it.each([["0531-8666 0101", "053186660101"], ["+86 139 1234 5678", "13912345678"], ["110", "110"], ["scgj", null], ["12", null], ["0086 139 1234 5678", "13912345678"], ["00441390000", null], ["8002;x", null]])("%s is the number %s", (text, number) => expect(asNumber(text)).toBe(number));
  it("an agency is asked for by its number in the book, which the server resolves", () => expect(rowOf(hit()).target).toEqual({ kind: "agency", value: "n1" }));
  it("keeps the server's order, and offers a typed number last", () => {
    const rows = rowsOf([hit(), hit({ id: "n2", number: "053186660102" })], "05318888");
    expect(rows.map((r) => r.key)).toEqual(["agency:n1", "agency:n2", "number:05318888"]);
  });
  it("not when the book knows it", () => expect(rowsOf([hit()], "0531 8666 0101")).toHaveLength(1));
  it("a seat must be free", () => {
    expect(rowOf(hit({ kind: "seat", id: "8002", number: null, state: "talking" })).free).toBe(false);
    expect(rowOf(hit({ kind: "seat", id: "8002", number: null, state: "ready" }))).toMatchObject({ free: true, number: "8002", target: { kind: "seat", value: "8002" } });
  });
  it("an agency without a number now cannot be called", () => expect(rowOf(hit({ number: null })).free).toBe(false));
  it("a queue answers nobody's question", () => {
    expect(waysTo(rowOf(hit({ kind: "queue", id: "hotline" })))).toEqual(["transfer"]);
    expect(waysTo(rowOf(hit()))).toEqual(["consult", "transfer", "add"]);
  });
  it("110's number is the site's business", () => expect(POLICE.target).toEqual({ kind: "police", value: "" }));
});

describe("a promise", () => {
  const whole = { ...emptyPromise("2026-11-24T17:00", () => "p1"), agencyId: "a1", who: "李主任", what: "今晚抢修" };
  it("says who, what and by when", () => expect(gapsOf(whole, "2026-11-23T18:00")).toEqual([]));
  it("says everything that is missing", () => expect(gapsOf(emptyPromise("", () => "p1"), "2026-11-23T18:00")).toEqual(["agency", "who", "what", "due"]));
  it("is not due in the past", () => expect(gapsOf(whole, "2026-11-24T17:00")).toEqual(["past"]));
  it("is due by the site's clock, wherever the browser stands", () => {
    expect(fromSiteLocal("2026-11-24T17:00", "Asia/Shanghai").toISOString()).toBe("2026-11-24T09:00:00.000Z");
    expect(siteLocal(new Date("2026-11-24T09:00:00Z"), "Asia/Shanghai")).toBe("2026-11-24T17:00");
  });
  it("survives a change of the clocks", () => {
    for (const local of ["2026-03-29T12:00", "2026-10-25T12:00", "2026-07-01T00:30"]) expect(siteLocal(fromSiteLocal(local, "Europe/Berlin"), "Europe/Berlin")).toBe(local);
  });
  it("proposes the end of tomorrow's work", () => expect(proposedDue(new Date("2026-11-23T17:30:00Z"), "Asia/Shanghai")).toBe("2026-11-25T17:00")); // it is the 24th there
});

describe("what is read out to 110", () => {
  const form = { ...emptyForm("13912345678"), title: "老人要跳楼", address: "解放路 128 号", landmark: "灯杆 JF-0231", description: "站在天台边上。" };
  it("is place, number and words", () => expect(readOut(form, "13912345678", "历下区")).toEqual({ number: "13912345678", contact: "", place: "历下区 · 解放路 128 号 · 灯杆 JF-0231", words: "老人要跳楼\n站在天台边上。" }));
  it("names another number only when it is another", () => expect(readOut({ ...form, contact_number: "053188886666" }, "13912345678", "").contact).toBe("053188886666"));
  it("works without a form", () => expect(readOut(null, "13912345678", "")).toEqual({ number: "13912345678", contact: "", place: "", words: "" }));
  it("keeps the last words of a long story, from the beginning of a sentence", () => {
    const long = `${"前情很长".repeat(60)}。他说不想活了。他在天台。`;
    const words = lastWords({ ...form, title: "", description: long }, 30);
    expect(words).toBe("…他说不想活了。他在天台。");
  });
  it("cuts no character in two", () => expect([...lastWords({ ...form, title: "", description: "𠮷".repeat(300) }, 10)]).toHaveLength(11));
});

describe("gaps of a recording", () => {
  it("lie where the silence is", () => expect(gapsOn([{ from_s: 25, to_s: 50, reason: "id-card" }], 100)).toEqual([{ left: 25, width: 25, from_s: 25, to_s: 50, reason: "id-card" }]));
  it("an unended one goes to the end", () => expect(gapsOn([{ from_s: 90, to_s: null, reason: "other" }], 100)[0]).toMatchObject({ left: 90, width: 10 }));
  it("a short one in a long recording can still be seen", () => expect(gapsOn([{ from_s: 3599, to_s: 3600, reason: "other" }], 3600)[0]).toMatchObject({ left: 99.4, width: 0.6 }));
  it("know where the player is", () => {
    const gaps = gapsOn([{ from_s: 25, to_s: 50, reason: "id-card" }], 100);
    expect([gapAt(gaps, 24.9), gapAt(gaps, 25)?.reason, gapAt(gaps, 50)]).toEqual([null, "id-card", null]);
  });
  it("none without pauses or length", () => expect([gapsOn(null, 10), gapsOn([{ from_s: 1, to_s: 2, reason: "x" }], 0)]).toEqual([[], []]));
});
