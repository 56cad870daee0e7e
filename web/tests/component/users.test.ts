// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import UserEditor from "@/components/UserEditor.vue";
import UserRow from "@/components/UserRow.vue";
import Users from "@/pages/Users.vue";
import { ApiProblem } from "@/core/problem";
import { found } from "@/core/users";
import type { User } from "@/core/types";
import { useNotices } from "@/stores/notices";
import { api } from "@/stores/session";
import { useUsers } from "@/stores/users";
import { byId, show } from "./desk";

enableAutoUnmount(afterEach);
beforeEach(() => vi.restoreAllMocks());
const wang: User = {
  id: "u1", version: "1", login: "wangfang", display_name: "王芳", role: "agent", agent_no: "1005", seat: "8005", locale: "zh-CN", queues: [], active: true,
  created_at: "2026-09-20T04:00:00Z", last_seen_at: null, sessions: 0, in_queue: false,
};

describe("a new person", () => {
  it("is sent as typed, and the password is shown until it was read", async () => {
    const asked = vi.spyOn(api, "createUser").mockResolvedValue({ user: wang, password: "abcd-efgh-jkmn" });
    const w = show(UserEditor, { user: null });
    expect(w.get(byId("user-save")).attributes()).toHaveProperty("disabled");
    await w.get(byId("user-login")).setValue("wangfang");
    await w.get(byId("user-name")).setValue("王芳");
    await w.get(byId("user-agent-no")).setValue("1005");
    await w.get(byId("user-seat")).setValue("8005");
    await w.get(byId("user-save")).trigger("click");
    await flushPromises();
    expect(asked).toHaveBeenCalledWith({ login: "wangfang", display_name: "王芳", role: "agent", agent_no: "1005", seat: "8005", locale: "zh-CN", queues: [] });
    expect(useUsers().told).toEqual({ login: "wangfang", password: "abcd-efgh-jkmn" });
    expect((w.get(byId("user-login")).element as HTMLInputElement).value).toBe("");
  });
  it("of a role without a telephone has no number", async () => {
    const asked = vi.spyOn(api, "changeUser").mockResolvedValue({ ...wang, role: "leader", agent_no: null, seat: null });
    const w = show(UserEditor, { user: wang });
    await w.get(byId("user-role")).setValue("leader");
    expect(w.find(byId("user-agent-no")).exists()).toBe(false);
    await w.get(byId("user-save")).trigger("click");
    await flushPromises();
    expect(asked.mock.calls[0]![1]).toMatchObject({ role: "leader", agent_no: null, seat: null });
    expect(asked.mock.calls[0]![1]).not.toHaveProperty("login");
  });
});

describe("a person in the list", () => {
  it("is locked only after being asked once more", async () => {
    const asked = vi.spyOn(api, "lockUser").mockResolvedValue({ ...wang, active: false });
    const w = show(UserRow, { user: wang });
    await w.get(byId("user-lock")).trigger("click");
    expect(asked).not.toHaveBeenCalled();
    await w.get(byId("user-sure")).trigger("click");
    await flushPromises();
    expect(asked).toHaveBeenCalledWith("u1", false);
    expect(useUsers().list[0]!.active).toBe(false);
  });
  it("is asked about where a queue would be without anybody, and locked after a yes", async () => {
    const warning = new ApiProblem(409, "tuning.unconfirmed", "", [], { warnings: [{ code: "queue.no_seats", message: "队列 hotline 没有受理员" }] });
    const asked = vi.spyOn(api, "lockUser").mockRejectedValueOnce(warning).mockResolvedValue({ ...wang, active: false });
    vi.spyOn(api, "users").mockResolvedValue({ items: [wang], queues: ["hotline"] });
    const w = show(Users);
    await flushPromises();
    await w.get(byId("user-lock")).trigger("click");
    await w.get(byId("user-sure")).trigger("click");
    await flushPromises();
    expect(w.get(byId("warnings")).text()).toContain("没有受理员");
    expect(useUsers().list[0]!.active).toBe(true);
    await w.get(byId("warnings-confirm")).trigger("click");
    await flushPromises();
    expect(asked.mock.calls).toEqual([["u1", false], ["u1", true]]);
    expect(w.find(byId("warnings")).exists()).toBe(false);
    expect(useUsers().list[0]!.active).toBe(false);
  });
  it("is found by name, login or number", () => {
    expect(["王", "WANG", "1005", "8005", ""].map((q) => found([wang], q).length)).toEqual([1, 1, 1, 1, 1]);
    expect(found([wang], "李")).toEqual([]);
  });
});

describe("two admins with one person", () => {
  const li: User = { ...wang, id: "u2", login: "li", display_name: "李磊", role: "supervisor", agent_no: null, seat: null };
  const limited: User = { ...li, version: "2", queues: ["tax"] };
  const value = (w: ReturnType<typeof show>, id: string) => (w.get(byId(id)).element as HTMLInputElement).value;
  async function opened() {
    vi.spyOn(api, "users").mockResolvedValue({ items: [li], queues: ["hotline", "tax"] });
    const w = show(Users);
    await flushPromises();
    await w.get(byId("user-edit")).trigger("click");
    await flushPromises();
    return w;
  }

  it("lose nothing of the other's: it is said, the typed name stays, and the new queues are loaded", async () => {
    const stale = new ApiProblem(409, "tuning.meanwhile", "boss 在您打开后改过这一项，您的修改没有保存。");
    const asked = vi.spyOn(api, "changeUser").mockRejectedValueOnce(stale).mockResolvedValue({ ...limited, version: "3", display_name: "李雷" });
    const w = await opened();
    await w.get(byId("user-name")).setValue("李雷");
    vi.spyOn(api, "users").mockResolvedValue({ items: [limited], queues: ["hotline", "tax"] });
    await w.get(byId("user-save")).trigger("click");
    await flushPromises();
    expect(asked.mock.calls[0]![1]).toMatchObject({ queues: [], based_on: "1" });
    expect(useNotices().list.at(-1)!.text).toContain("boss");
    expect(w.get(byId("user-changed")).attributes("role")).toBe("alert");
    expect([value(w, "user-name"), (w.get(byId("user-queue-tax")).element as HTMLInputElement).checked]).toEqual(["李雷", false]);
    await w.get(byId("user-changed-load")).trigger("click");
    expect(w.find(byId("user-changed")).exists()).toBe(false);
    expect([value(w, "user-name"), (w.get(byId("user-queue-tax")).element as HTMLInputElement).checked]).toEqual(["李雷", true]);
    expect(document.activeElement?.getAttribute("data-testid"), "the button that had the focus is gone").toBe("user-name");
    await w.get(byId("user-save")).trigger("click");
    await flushPromises();
    expect(asked.mock.calls[1]![1]).toMatchObject({ display_name: "李雷", queues: ["tax"], based_on: "2" });
    expect(w.find(byId("user-cancel")).exists(), "kept and closed").toBe(false);
  });
  it("show the newest when the form is opened, and where nothing was typed", async () => {
    const w = await opened();
    vi.spyOn(api, "users").mockResolvedValue({ items: [limited], queues: ["hotline", "tax"] });
    await useUsers().load();
    await flushPromises();
    expect((w.get(byId("user-queue-tax")).element as HTMLInputElement).checked).toBe(true);
    expect(w.find(byId("user-changed")).exists()).toBe(false);
  });
  it("keep what is typed while the person is locked in the list", async () => {
    vi.spyOn(api, "lockUser").mockResolvedValue({ ...li, active: false });
    const w = await opened();
    await w.get(byId("user-name")).setValue("李雷");
    await useUsers().lock(li);
    await flushPromises();
    vi.spyOn(api, "users").mockResolvedValue({ items: [{ ...limited, active: false }], queues: ["hotline", "tax"] });
    await useUsers().load();
    await flushPromises();
    expect(w.find(byId("user-changed")).exists()).toBe(true);
    expect(value(w, "user-name")).toBe("李雷");
  });
  it("are not disturbed by one's own change that was asked about first", async () => {
    const warning = new ApiProblem(409, "tuning.unconfirmed", "", [], { warnings: [{ code: "queue.no_seats", message: "队列 hotline 没有受理员" }] });
    vi.spyOn(api, "changeUser").mockRejectedValueOnce(warning).mockResolvedValue({ ...li, version: "2", display_name: "李雷" });
    const w = await opened();
    await w.get(byId("user-name")).setValue(" 李雷 ");
    await w.get(byId("user-save")).trigger("click");
    await flushPromises();
    await w.get(byId("warnings-confirm")).trigger("click");
    await flushPromises();
    expect(w.find(byId("user-changed")).exists()).toBe(false);
    expect(value(w, "user-name")).toBe("李雷");
  });
});
