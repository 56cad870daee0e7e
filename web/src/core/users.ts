/** People's accounts as the page shows and sends them. Pure. */

import type { Role, User, UserForm } from "./types";

export const ROLES: readonly Role[] = ["agent", "supervisor", "admin", "agency", "leader", "auditor"];

/** To be changed on the screen while the stored one stays; null: somebody new. */
export const formOf = (user: User | null): UserForm =>
  user
    ? { login: user.login, display_name: user.display_name, role: user.role, agent_no: user.agent_no, seat: user.seat, locale: user.locale === "en" ? "en" : "zh-CN", queues: [...user.queues] }
    : { login: "", display_name: "", role: "agent", agent_no: null, seat: null, locale: "zh-CN", queues: [] };

/** Whose login, name, number or seat has it. */
export function found(users: readonly User[], q: string): User[] {
  const wanted = q.trim().toLowerCase();
  return users.filter((u) => [u.login, u.display_name, u.agent_no, u.seat].some((text) => text?.toLowerCase().includes(wanted)));
}
