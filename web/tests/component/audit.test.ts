// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import AuditChain from "@/components/AuditChain.vue";
import AuditRow from "@/components/AuditRow.vue";
import { actionKey, askedOf, detailsOf, KINDS, noAuditFilters } from "@/core/audit";
import { allowedPath } from "@/core/places";
import type { AuditLine, ChainStep } from "@/core/types";
import { te, useLocale } from "@/locales";
import { useAudit } from "@/stores/audit";
import { api } from "@/stores/session";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
beforeEach(() => {
  vi.restoreAllMocks();
  useLocale("en");
});
const line: AuditLine = {
  number: 7, at: "2026-11-23T04:00:00Z", login: "root", display_name: "根", action: "account.changed", subject: "a1", subject_login: "wangfang7",
  detail: { login: "wangfang", queues: [[], ["hotline"]], unheard_of: "" },
};
const step = (more: Partial<ChainStep>): ChainStep => ({ rows: 5000, last: 5000, head: "a".repeat(64), broken_at: null, whole: false, newest: 5003, ...more });

it("is for auditors and administrators", () => {
  expect((["auditor", "admin", "supervisor", "agent", "agency", "leader"] as const).map((role) => allowedPath(role, "/audit"))).toEqual(["/audit", "/audit", "/", "/", "/", "/"]);
});

it("has words for every action that can be chosen", () => {
  const missing = Object.entries(KINDS).flatMap(([kind, actions]) => [`auditKind.${kind}`, ...actions.map((a) => `auditAction.${actionKey(`${kind}.${a}`)}`)]).filter((key) => !te(key));
  expect(missing).toEqual([]);
});

it("tells a line in words, and what has no word as it is written", () => {
  expect(detailsOf(line)).toEqual([["login", "wangfang"], ["queues", "— → hotline"]]);
  const text = show(AuditRow, { line }).text();
  for (const part of ["7", "根", "root", "Account changed", "wangfang7", "Queues", "— → hotline"]) expect(text).toContain(part);
  const other = show(AuditRow, { line: { ...line, login: null, display_name: null, action: "brand.new", subject_login: null, detail: { odd: 1 } } }).text();
  for (const part of ["nobody signed in", "brand.new", "a1", "odd"]) expect(other).toContain(part);
});

it("asks for what is filled in, and goes on from the last number", async () => {
  const asked = vi.spyOn(api, "audit").mockResolvedValueOnce({ items: [line], next: 7 }).mockResolvedValueOnce({ items: [{ ...line, number: 6 }], next: null });
  show(AuditChain);
  const audit = useAudit();
  audit.filters = { ...noAuditFilters(), login: " root ", action: "account" };
  expect(askedOf(audit.filters)).toEqual({ login: "root", action: "account" });
  await audit.search();
  audit.filters = noAuditFilters();
  await audit.more();
  expect(asked.mock.calls[1]![0]).toEqual({ login: "root", action: "account", before: "7" });
  expect([audit.found.map((l) => l.number), audit.next]).toEqual([[7, 6], null]);
});

it("walks the chain to its end and says that it is whole", async () => {
  const asked = vi.spyOn(api, "auditChain").mockResolvedValueOnce(step({})).mockResolvedValueOnce(step({ rows: 3, last: 5003, head: "b".repeat(64), whole: true }));
  const w = show(AuditChain);
  await w.get(byId("audit-verify")).trigger("click");
  await flushPromises();
  expect(asked.mock.calls).toEqual([[0, ""], [5000, "a".repeat(64)]]);
  expect(w.text()).toContain("The chain is whole: 5003 lines");
  expect(w.get(byId("audit-head")).text()).toBe("b".repeat(64));
});

it("says where it breaks, and stops there", async () => {
  const asked = vi.spyOn(api, "auditChain").mockResolvedValue(step({ rows: 41, last: 41, broken_at: 43 }));
  const w = show(AuditChain);
  await w.get(byId("audit-verify")).trigger("click");
  await flushPromises();
  expect(asked).toHaveBeenCalledOnce();
  expect(w.get(byId("audit-chain")).attributes("data-state")).toBe("broken");
  expect(w.get('[role="status"]').text()).toBe("⚠ The chain breaks at no. 43: a line was changed or removed there (41 lines before it fit)");
});
