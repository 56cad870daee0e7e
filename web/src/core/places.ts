/** The pages behind the sign-in and whose they are; the server decides what each may do there. */

import type { Role } from "./types";

export interface Place {
  path: string;
  /** Of the route, and of its label: `place.<name>`. */
  name: string;
  roles: readonly Role[];
}

const EVERYBODY: readonly Role[] = ["agent", "supervisor", "admin", "agency", "leader", "auditor"];

export const places: readonly Place[] = [
  { path: "/", name: "desk", roles: EVERYBODY },
  { path: "/hours", name: "hours", roles: ["supervisor", "admin"] },
  { path: "/queues", name: "queues", roles: ["supervisor", "admin", "auditor"] },
  { path: "/incidents", name: "incidents", roles: ["supervisor"] },
  { path: "/listening", name: "listening", roles: ["supervisor", "admin", "auditor"] },
  { path: "/capacity", name: "capacity", roles: ["supervisor", "admin", "auditor", "leader"] },
  { path: "/recordings", name: "recordings", roles: ["agent", "supervisor", "admin", "auditor"] },
  { path: "/telephony", name: "telephony", roles: ["admin"] },
  { path: "/floor", name: "floor", roles: ["supervisor", "admin", "auditor"] },
  { path: "/prompts", name: "prompts", roles: ["admin"] },
  { path: "/policies", name: "policies", roles: ["admin", "auditor"] },
  { path: "/audit", name: "audit", roles: ["admin", "auditor"] },
  { path: "/users", name: "users", roles: ["admin"] },
];

export const placesOf = (role: Role | undefined): Place[] => places.filter((place) => role && place.roles.includes(role));

/** Where somebody who asked for `path` may go: there, or to the desk. */
export const allowedPath = (role: Role, path: string): string =>
  placesOf(role).some((place) => place.path === path) ? path : "/";
