import { describe, expect, it, vi } from "vitest";
import { Http, query } from "@/core/http";
import { ApiProblem, isTransient, toProblem, Unreachable } from "@/core/problem";

function door(response: Response | Error) {
  const calls: [string, RequestInit][] = [];
  const http = new Http("/api/v1", 1000, async (url, init) => {
    calls.push([String(url), init!]);
    if (response instanceof Error) throw response;
    return response.clone();
  });
  return { http, calls };
}
const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

describe("the door to the API", () => {
  it("asks in the agent's language and marks what changes something", async () => {
    const { http, calls } = door(json(200, { ok: 1 }));
    http.language = "en";
    await http.get("/session");
    await http.call("PUT", "/drafts/1", { rev: 1 });
    const [read, write] = calls.map(([, init]) => init.headers as Record<string, string>);
    expect(read).toMatchObject({ "Accept-Language": "en" });
    expect(read).not.toHaveProperty("X-Requested-With");
    expect(write).toMatchObject({ "X-Requested-With": "lianxin", "Content-Type": "application/json" });
  });

  it("gives the server's own sentence and its fields", async () => {
    const { http } = door(json(422, { code: "request.invalid", detail: "有字段不对。", errors: [{ field: "form.title", code: "field.missing", message: "请填写" }] }));
    const problem = await http.call("POST", "/cases", {}).catch((e: unknown) => e);
    expect(problem).toMatchObject({ status: 422, code: "request.invalid", detail: "有字段不对。", fields: [{ field: "title", message: "请填写" }] });
  });

  it("is not confused by a proxy's page", async () => {
    const { http } = door(new Response("<html>502</html>", { status: 502 }));
    await expect(http.get("/live")).rejects.toMatchObject({ code: "http.502" });
  });

  it("tells a lost session, but not a wrong password", async () => {
    const { http } = door(json(401, { code: "session.required" }));
    http.onSignedOut = vi.fn();
    await http.call("POST", "/session", {}).catch(() => {});
    expect(http.onSignedOut).not.toHaveBeenCalled();
    await http.get("/drafts").catch(() => {});
    expect(http.onSignedOut).toHaveBeenCalledOnce();
  });

  it("tells the two apart where the present password is asked for again", async () => {
    for (const [code, told] of [["session.bad_credentials", 0], ["session.required", 1]] as const) {
      const { http } = door(json(401, { code }));
      http.onSignedOut = vi.fn();
      await http.call("POST", "/session/password", {}).catch(() => {});
      expect(http.onSignedOut).toHaveBeenCalledTimes(told);
    }
  });

  it("says unreachable when there is no answer", async () => {
    await expect(door(new TypeError("failed")).http.get("/x")).rejects.toBeInstanceOf(Unreachable);
  });

  it("leaves empty questions out", () => expect(query({ q: "井盖", number: "", after: null })).toBe("?q=%E4%BA%95%E7%9B%96"));
});

describe("what is worth trying again", () => {
  it.each([[500, true], [503, true], [429, true], [408, true], [422, false], [409, false], [403, false]])("%s: %s", (status, again) => {
    expect(isTransient(new ApiProblem(status, "x", ""))).toBe(again);
  });
  it("no answer: yes; a bug: no", () => expect([isTransient(new Unreachable()), isTransient(new Error())]).toEqual([true, false]));
  it("reads fields of other spellings", () => expect(toProblem(422, { errors: [{ loc: ["body", "form", "wish"], msg: "m" }] }).fields).toEqual([{ field: "wish", message: "m" }]));
});
