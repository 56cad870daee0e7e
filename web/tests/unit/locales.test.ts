import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PAUSE_REASONS } from "@/core/desk";
import { KEYS } from "@/core/keymap";
import en from "@/locales/en";
import zh from "@/locales/zh-CN";

type Tree = { [key: string]: string | Tree };
const flat = (tree: Tree, above = ""): string[] =>
  Object.entries(tree).flatMap(([k, v]) => (typeof v === "string" ? [above + k] : flat(v, `${above}${k}.`)));
const at = (tree: Tree, path: string): unknown => path.split(".").reduce<unknown>((t, k) => (t as Tree | undefined)?.[k], tree);
const slots = (text: unknown) => [...String(text).matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

const files = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? files(join(dir, e.name)) : /\.(vue|ts)$/.test(e.name) ? [join(dir, e.name)] : []));
const source = files("src").map((f) => readFileSync(f, "utf8")).join("\n");
const used = [...new Set([...source.matchAll(/\bt\("([\w.-]+)"/g)].map((m) => m[1]!))];

describe("both languages", () => {
  it("have the same texts", () => expect(flat(en).sort()).toEqual(flat(zh).sort()));
  it("have the same places for values", () => {
    for (const key of flat(zh)) expect([key, slots(at(en, key))]).toEqual([key, slots(at(zh, key))]);
  });
  it("have every text that is asked for by name", () => {
    expect(used.length).toBeGreaterThan(80);
    expect(used.filter((key) => typeof at(zh, key) !== "string")).toEqual([]);
  });
  it("name every key and every reason of a pause", () => {
    for (const action of Object.keys(KEYS)) expect(typeof at(zh, `keys.${action}`)).toBe("string");
    for (const reason of PAUSE_REASONS) expect(typeof at(zh, `reason.${reason}`)).toBe("string");
  });
  it("have no text nobody asks for", () => {
    const dynamic = [...source.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z]+)?)\.?\$\{/g)].map((m) => m[1]!);
    const groups = ["reason", "outcome", "hungUpBy", "caseState", "event", "commandReason", "commandEnd", "command", "trouble", "light", ...dynamic];
    const asked = (key: string) => used.includes(key) || groups.some((g) => key.startsWith(`${g}.`)) || source.includes(`"${key}"`) || source.includes(`'${key}'`);
    expect(flat(zh).filter((key) => !asked(key) && !key.startsWith("idle."))).toEqual([]);
  });
});
