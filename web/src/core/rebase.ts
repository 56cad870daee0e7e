/** A form of something that somebody else changed meanwhile, laid over the newest values. Pure. */

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Of plain values, as forms have them. */
export const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** What others changed is as they made it; in all other fields what was typed stays. */
export function rebased<Form extends object>(typed: Form, was: Form, now: Form): Form {
  const names = Object.keys(now) as (keyof Form)[];
  return copy(Object.fromEntries(names.map((name) => [name, same(was[name], now[name]) ? typed[name] : now[name]])) as Form);
}
