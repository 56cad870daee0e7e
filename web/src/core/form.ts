/** The case form's values: empty ones, what a submit needs, comparing two. Pure. */

import type { CaseForm, CaseKind, Urgency } from "./types";

export const KINDS: CaseKind[] = ["consult", "help", "complaint", "report", "suggestion"];
export const URGENCIES: Urgency[] = ["normal", "urgent", "critical"];
const TITLE_LENGTH = 40;

export function emptyForm(caller = ""): CaseForm {
  return {
    title: "",
    citizen_name: "",
    citizen_number: caller,
    contact_number: caller,
    address: "",
    landmark: "",
    district: null,
    kind: "help",
    category: null,
    description: "",
    wish: "",
    confidential: false,
    wants_answer: true,
    urgency: "normal",
  };
}

/** A stored draft's body, which may be partial or come from an older version. */
export function fillForm(body: { [K in keyof CaseForm]?: CaseForm[K] | null }): CaseForm {
  const known = Object.keys(emptyForm());
  const given = Object.entries(body).filter(([k, v]) => v !== null && v !== undefined && known.includes(k));
  return { ...emptyForm(), ...(Object.fromEntries(given) as Partial<CaseForm>) };
}

const PROSE: (keyof CaseForm)[] = ["description", "wish"];

/** Typed or pasted text without what the server refuses: control characters, and breaks where a line is wanted. */
export function clean(name: keyof CaseForm, text: string): string {
  const plain = text.replace(/\r\n?/g, "\n").replace(/[\u202a-\u202e\u2066-\u2069]/g, "");
  return PROSE.includes(name)
    ? plain.replace(/[^\P{Cc}\n\t]/gu, "")
    : plain.replace(/[\p{Cc}\u2028\u2029]/gu, " ");
}

export type Missing = "title";

/**
 * What is missing before a submit. Little on purpose: with a citizen on the line the desk takes what there is, and the
 * server says the rest.
 */
export function missing(form: CaseForm): Missing[] {
  return form.title.trim() || form.description.trim() ? [] : ["title"];
}

/** The form as it is sent: spaces cut, and a title taken from the first sentence when the agent wrote none. */
export function ready(form: CaseForm): CaseForm {
  const cut = Object.fromEntries(
    Object.entries(form).map(([k, v]) => [k, typeof v === "string" ? v.trim() : v]),
  ) as unknown as CaseForm;
  const first = cut.description.split(/[。！？!?;；\n]/)[0] ?? "";
  return {
    ...cut,
    title: cut.title || first.slice(0, TITLE_LENGTH),
    district: cut.district || null,
    category: cut.category || null,
  };
}

export const sameForm = (a: Partial<CaseForm>, b: Partial<CaseForm>): boolean => differences(a, b).length === 0;

/** Names of the fields in which two versions differ. */
export function differences(a: Partial<CaseForm>, b: Partial<CaseForm>): (keyof CaseForm)[] {
  const [x, y] = [fillForm(a), fillForm(b)];
  return (Object.keys(emptyForm()) as (keyof CaseForm)[]).filter((k) => x[k] !== y[k]);
}

/** Nothing typed that the desk did not fill in itself. */
export function isBlank(form: CaseForm): boolean {
  return sameForm(form, { ...emptyForm(), citizen_number: form.citizen_number, contact_number: form.contact_number });
}
