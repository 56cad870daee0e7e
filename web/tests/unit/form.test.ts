import { describe, expect, it } from "vitest";
import { clean, differences, emptyForm, fillForm, isBlank, missing, ready, sameForm } from "@/core/form";

describe("the form", () => {
  it("asks for a title or a description, nothing else", () => {
    expect(missing(emptyForm("13912345678"))).toEqual(["title"]);
    expect(missing({ ...emptyForm(), description: "路灯不亮" })).toEqual([]);
    expect(missing({ ...emptyForm(), title: "  " })).toEqual(["title"]);
  });

  it("takes the first sentence as the title", () => {
    expect(ready({ ...emptyForm(), description: " 路灯三天不亮。老人摔倒。" }).title).toBe("路灯三天不亮");
    expect(ready({ ...emptyForm(), title: " 标题 ", description: "x" }).title).toBe("标题");
    expect(ready({ ...emptyForm(), description: "字".repeat(99) }).title).toHaveLength(40);
  });

  it("sends no empty codes", () => expect(ready({ ...emptyForm(), title: "x", district: "", category: "" })).toMatchObject({ district: null, category: null }));

  it("fills a stored draft that is partial, older or newer", () => {
    const filled = fillForm({ title: "x", description: null, unknown: 1 } as never);
    expect(filled).toEqual({ ...emptyForm(), title: "x" });
  });

  it("knows what differs", () => {
    expect(differences({ title: "a" }, { title: "b", wish: "c" })).toEqual(["title", "wish"]);
    expect(sameForm({ title: "a" }, fillForm({ title: "a" }))).toBe(true);
  });

  it("is blank while only the desk has written into it", () => {
    expect(isBlank(emptyForm("139"))).toBe(true);
    expect(isBlank({ ...emptyForm("139"), wish: "x" })).toBe(false);
  });

  it("drops what the server refuses from pasted text", () => {
    expect(clean("address", "解放路\t128\n号\u0000")).toBe("解放路 128 号 ");
    expect(clean("description", "一\r\n二\t三\u0007\u202e")).toBe("一\n二\t三");
  });
});
