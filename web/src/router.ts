/** Whether a page may be seen is decided by the session, in App; whose it is stands in core/places. */

import { createRouter, createWebHistory } from "vue-router";

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/signin", name: "signin", component: () => import("./pages/SignIn.vue") },
    { path: "/", name: "desk", component: () => import("./pages/Desk.vue") },
    { path: "/queues", name: "queues", component: () => import("./pages/Queues.vue") },
    { path: "/hours", name: "hours", component: () => import("./pages/Hours.vue") },
    { path: "/incidents", name: "incidents", component: () => import("./pages/Incidents.vue") },
    { path: "/listening", name: "listening", component: () => import("./pages/Listening.vue") },
    { path: "/capacity", name: "capacity", component: () => import("./pages/Capacity.vue") },
    { path: "/recordings", name: "recordings", component: () => import("./pages/Recordings.vue") },
    { path: "/telephony", name: "telephony", component: () => import("./pages/Telephony.vue") },
    { path: "/floor", name: "floor", component: () => import("./pages/Floor.vue") },
    { path: "/prompts", name: "prompts", component: () => import("./pages/Prompts.vue") },
    { path: "/policies", name: "policies", component: () => import("./pages/Policies.vue") },
    { path: "/users", name: "users", component: () => import("./pages/Users.vue") },
    { path: "/audit", name: "audit", component: () => import("./pages/Audit.vue") },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});
