/** Searching the category tree by words of its name (中文 or English), its code or its pinyin initials. Pure. */

import type { Category } from "./types";

export interface CategoryHit {
  code: string;
  path: string[];
  initials: string;
  leaf: boolean;
}

/** The tree as a list, each with its path of names in the given language. */
export function flatten(tree: Category[], lang: "zh" | "en", above: string[] = []): CategoryHit[] {
  return tree.flatMap((c) => {
    const path = [...above, c.name[lang] || c.name.zh];
    const here: CategoryHit = { code: c.code, path, initials: c.initials.toLowerCase(), leaf: !c.children?.length };
    return [here, ...flatten(c.children ?? [], lang, path)];
  });
}

/** Best first: initials from their beginning, then a name, then initials anywhere; leaves before branches. */
export function findCategories(all: CategoryHit[], text: string, limit = 50): CategoryHit[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return all.slice(0, limit);
  return all
    .map((hit) => ({ hit, rank: rank(hit, wanted) }))
    .filter((r) => r.rank > 0)
    .sort((a, b) => b.rank - a.rank || Number(b.hit.leaf) - Number(a.hit.leaf))
    .slice(0, limit)
    .map((r) => r.hit);
}

function rank(hit: CategoryHit, wanted: string): number {
  const own = hit.path.at(-1)!.toLowerCase();
  if (hit.initials === wanted || own === wanted || hit.code.toLowerCase() === wanted) return 5;
  if (hit.initials.startsWith(wanted)) return 4;
  if (own.includes(wanted)) return 3;
  if (hit.initials.includes(wanted)) return 2;
  return hit.path.join(" ").toLowerCase().includes(wanted) ? 1 : 0;
}
