/** What is read out to 110: where, who, and what was said last. From the form as it is, so it works without a server. Pure. */

import type { CaseForm } from "./types";

const MOST = 160;

export interface ReadOut {
  number: string;
  contact: string;
  place: string;
  words: string;
}

/** `district`: its name. Other numbers than the caller's are said only if they differ. */
export function readOut(form: CaseForm | null, caller: string, district: string): ReadOut {
  const number = caller || form?.citizen_number || "";
  const contact = form?.contact_number && form.contact_number !== number ? form.contact_number : "";
  const place = form ? [district, form.address.trim(), form.landmark.trim()].filter(Boolean).join(" · ") : "";
  return { number, contact, place, words: lastWords(form) };
}

/** The end of what was typed, from the beginning of a sentence where there is one in reach. */
export function lastWords(form: CaseForm | null, most = MOST): string {
  const text = [form?.title, form?.description].map((s) => s?.trim()).filter(Boolean).join("\n");
  const all = [...text];
  if (all.length <= most) return text;
  const tail = all.slice(-most).join("");
  const start = tail.search(/[。！？!?；;\n]/);
  const whole = start >= 0 ? tail.slice(start + 1).trim() : "";
  return `…${whole || tail}`;
}
