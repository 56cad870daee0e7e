import { describe, expect, it } from "vitest";
import { rebased } from "@/core/rebase";

describe("a form laid over the newest values", () => {
  const was = { name: "李磊", queues: [] as string[], role: "supervisor" };
  it("keeps what was typed where others changed nothing", () => {
    expect(rebased({ ...was, name: "李雷" }, was, { ...was, queues: ["tax"] })).toEqual({ name: "李雷", queues: ["tax"], role: "supervisor" });
  });
  it("shows what others changed, also where something was typed: nobody overwrites what he has not seen", () => {
    expect(rebased({ ...was, name: "李雷" }, was, { ...was, name: "李蕾" }).name).toBe("李蕾");
  });
  it("shares nothing with the values that it came from", () => {
    const now = { ...was, queues: ["tax"] };
    rebased(was, was, now).queues.push("hotline");
    expect(now.queues).toEqual(["tax"]);
  });
});
