/** What an agency promised: who, what, by when. Checked here before it is sent; kept here until the server has it. Pure. */

export interface PromiseDraft {
  /** Made here: sent again after a lost answer it is the same promise. */
  id: string;
  agencyId: string | null;
  agencyName: string;
  who: string;
  what: string;
  /** Local time at the site as an <input type="datetime-local"> gives it. */
  due: string;
}

export const emptyPromise = (due = "", newId: () => string = () => crypto.randomUUID()): PromiseDraft => ({ id: newId(), agencyId: null, agencyName: "", who: "", what: "", due });

export type PromiseGap = "agency" | "who" | "what" | "due" | "past";

/** What is missing or wrong before it can be kept; empty: nothing. `now` as `due`: local time at the site. */
export function gapsOf(p: PromiseDraft, now: string): PromiseGap[] {
  const gaps: PromiseGap[] = [];
  if (!p.agencyId) gaps.push("agency");
  if (!p.who.trim()) gaps.push("who");
  if (!p.what.trim()) gaps.push("what");
  if (!p.due) gaps.push("due");
  else if (p.due <= now) gaps.push("past");
  return gaps;
}

const PARTS: Intl.DateTimeFormatOptions = {
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
};

/** "2026-11-23T18:30" at the site's clock. */
export function siteLocal(moment: Date, zone: string | undefined): string {
  const p = Object.fromEntries(new Intl.DateTimeFormat("en-GB", { ...PARTS, timeZone: zone }).formatToParts(moment).map((x) => [x.type, x.value]));
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`;
}

/** The moment that "2026-11-23T18:30" is at the site, wherever the browser stands. */
export function fromSiteLocal(local: string, zone: string | undefined): Date {
  const asUtc = Date.parse(`${local}:00Z`);
  let guess = asUtc;
  // Twice: the first step may land on the other side of a change of the clocks.
  for (let i = 0; i < 2; i += 1) guess = asUtc - (Date.parse(`${siteLocal(new Date(guess), zone)}:00Z`) - guess);
  return new Date(guess);
}

/** A proposal that nobody has to take: the end of the next day's work. */
export const proposedDue = (now: Date, zone: string | undefined): string =>
  `${siteLocal(new Date(now.getTime() + 86_400_000), zone).slice(0, 10)}T17:00`;
