import { describe, expect, it } from "vitest";
import { findCategories, flatten } from "@/core/categories";
import type { Category } from "@/core/types";

const c = (code: string, zh: string, en: string, initials: string, children: Category[] = []): Category => ({ code, name: { zh, en }, initials, children });
const tree = [
  c("01", "城市管理", "City upkeep", "csgl", [c("0101", "路灯不亮", "Street light out", "ldbl"), c("0102", "路灯白天亮", "Lit by day", "ldbtl")]),
  c("02", "绿地被占", "Green land", "ldbz"),
];
const all = flatten(tree, "zh");
const codes = (text: string) => findCategories(all, text).map((h) => h.code);

describe("categories", () => {
  it("are found by the beginning of the pinyin initials", () => expect(codes("ldb").sort()).toEqual(["0101", "0102", "02"]));
  it("put the exact initials first", () => expect(codes("ldbl")[0]).toBe("0101"));
  it("do not mind capitals", () => expect(codes("LDBL")[0]).toBe("0101"));
  it("are found by a word, a code, or the branch above", () => {
    expect(codes("白天")).toEqual(["0102"]);
    expect(codes("0101")).toEqual(["0101"]);
    expect(codes("城市")).toEqual(["01", "0101", "0102"]);
  });
  it("speak English too", () => expect(findCategories(flatten(tree, "en"), "street")[0]!.path).toEqual(["City upkeep", "Street light out"]));
  it("give nothing for nonsense and all for nothing", () => {
    expect(codes("zzzz")).toEqual([]);
    expect(codes("")).toHaveLength(4);
  });
});
