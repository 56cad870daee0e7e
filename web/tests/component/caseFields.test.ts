// @vitest-environment jsdom
import { afterEach, describe, expect, it } from "vitest";
import { enableAutoUnmount } from "@vue/test-utils";
import { nextTick } from "vue";
import CaseFields from "@/components/CaseFields.vue";
import { emptyForm } from "@/core/form";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
const cat = (code: string, zh: string, initials: string, children: unknown[] = []) => ({ code, name: { zh, en: zh }, initials, children });
const categories = [cat("01", "城市管理", "csgl", [cat("0101", "路灯不亮", "ldbl"), cat("0102", "井盖破损", "jgps")])];
const districts = [{ code: "370102", name: { zh: "历下区", en: "Lixia" }, initials: "lxq" }];
const form = (more = {}) => show(CaseFields, { form: { ...emptyForm("13912345678"), ...more }, categories, districts, problems: [], ...("problems" in more ? more : {}) });

describe("the case form", () => {
  it("shows the caller's number before anything is typed", () => {
    expect((form().get(byId("case-citizen-number")).element as HTMLInputElement).value).toBe("13912345678");
  });

  it("tells each change by its name", async () => {
    const w = form();
    await w.get(byId("case-title")).setValue("路灯不亮");
    await w.get(byId("case-description")).setValue("三天");
    await w.get(byId("case-kind-complaint")).setValue();
    await w.get(byId("case-urgency-critical")).setValue();
    await w.get(byId("case-confidential")).setValue(true);
    expect(w.emitted("change")!.map(([c]) => c)).toEqual([{ title: "路灯不亮" }, { description: "三天" }, { kind: "complaint" }, { urgency: "critical" }, { confidential: true }]);
  });

  it("finds a category by its pinyin initials, with the keyboard alone", async () => {
    const w = form();
    const field = w.get(byId("case-category"));
    await field.setValue("jg");
    expect(field.attributes("aria-expanded")).toBe("true");
    expect(w.findAll(byId("case-category-option")).map((o) => o.attributes("data-code"))).toEqual(["0102"]);
    await field.trigger("keydown", { key: "Enter" });
    expect(w.emitted("change")).toEqual([[{ category: "0102" }]]);
    expect(field.attributes("aria-expanded")).toBe("false");
  });

  it("moves through the options with the arrows and says which one is meant", async () => {
    const w = form();
    const field = w.get(byId("case-category"));
    await field.setValue("城市");
    await field.trigger("keydown", { key: "ArrowDown" });
    const option = w.get(`[id="${field.attributes("aria-activedescendant")}"]`);
    expect(option.attributes("aria-selected")).toBe("true");
    await field.trigger("keydown", { key: "Enter" });
    expect(w.emitted("change")).toEqual([[{ category: option.attributes("data-code") }]]);
  });

  it("leaves Ctrl+Enter in the category to the submit", async () => {
    const w = form();
    const field = w.get(byId("case-category"));
    await field.setValue("ld");
    await field.trigger("keydown", { key: "Enter", ctrlKey: true });
    expect(w.emitted("change")).toBeUndefined();
  });

  it("gives up the search with Escape and when the field is left", async () => {
    const w = form({ category: "0101" });
    const field = w.get(byId("case-category"));
    await field.setValue("jg");
    await field.trigger("keydown", { key: "Escape" });
    expect((field.element as HTMLInputElement).value).toBe("城市管理 / 路灯不亮");
    expect(w.emitted("change")).toBeUndefined();
  });

  it("takes the category away when its field is emptied", async () => {
    const w = form({ category: "0101" });
    await w.get(byId("case-category")).setValue("");
    expect(w.emitted("change")).toEqual([[{ category: null }]]);
  });

  it("finds a district too", async () => {
    const w = form();
    await w.get(byId("case-district")).setValue("lx");
    await w.get(byId("case-district")).trigger("keydown", { key: "Tab" });
    expect(w.emitted("change")).toEqual([[{ district: "370102" }]]);
  });

  it("names every control and ties the server's words to it", async () => {
    const w = show(CaseFields, { form: emptyForm(), categories, districts, problems: [{ field: "title", message: "请填写标题" }] });
    await nextTick();
    for (const control of w.findAll("input:not([type=radio]):not([type=checkbox]), textarea")) {
      const label = w.find(`label[for="${control.attributes("id")}"]`);
      expect(label.text()).not.toBe("");
    }
    const title = w.get(byId("case-title"));
    expect(w.get(`[id="${title.attributes("aria-describedby")}"]`).text()).toContain("请填写标题");
  });

  it("cannot be changed while it is being submitted", () => {
    const w = show(CaseFields, { form: emptyForm(), categories, districts, problems: [], disabled: true });
    expect(w.findAll("input:not([disabled]), textarea:not([disabled])")).toHaveLength(0);
  });

  it("counts characters, not bytes", () => expect(form({ description: "路灯𠮷" }).text()).toContain("3 字"));
});
