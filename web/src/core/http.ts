/** The one door to the HTTP API: paths, headers, time limit, errors. Knows no resource and keeps no state but the language. */

import { toProblem, Unreachable } from "./problem";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export class Http {
  /** Sent as Accept-Language: the server words its errors in it. */
  language = "zh-CN";
  /** Called when a request finds the session gone. */
  onSignedOut: () => void = () => {};
  /** Called with the script that the server's pages begin with, as each answer names it. */
  onPages: (script: string) => void = () => {};

  constructor(
    private readonly base = "/api/v1",
    private readonly timeout_ms = 10_000,
    private readonly fetcher: typeof fetch = (...a) => fetch(...a),
  ) {}

  async call<T>(method: Method, path: string, body?: unknown, keepalive = false): Promise<T> {
    const response = await this.send(method, path, body, keepalive);
    const data = await read(response);
    if (response.ok) return data as T;
    const problem = toProblem(response.status, data);
    if (response.status === 401 && path !== "/session" && problem.code !== WRONG_PASSWORD) this.onSignedOut();
    throw problem;
  }

  get<T>(path: string): Promise<T> {
    return this.call<T>("GET", path);
  }

  /** A file that the server makes: its name and bytes. Making it may take a while. */
  async file(path: string, body: unknown): Promise<{ name: string; blob: Blob }> {
    const response = await this.send("POST", path, body, false, FILE_MS);
    if (response.ok) return { name: nameOf(response.headers.get("content-disposition")), blob: await response.blob() };
    if (response.status === 401) this.onSignedOut();
    throw toProblem(response.status, await read(response));
  }

  url(path: string): string {
    return path.startsWith("/api/") ? path : this.base + path;
  }

  private async send(method: Method, path: string, body: unknown, keepalive: boolean, limit_ms = this.timeout_ms): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": this.language };
    if (method !== "GET") headers["X-Requested-With"] = "lianxin";
    const raw = body instanceof ArrayBuffer;
    if (body !== undefined) headers["Content-Type"] = raw ? "audio/wav" : "application/json";
    const init: RequestInit = { method, headers, credentials: "same-origin", keepalive };
    if (body !== undefined) init.body = raw ? body : JSON.stringify(body);
    try {
      const response = await this.fetcher(this.url(path), { ...init, signal: AbortSignal.timeout(limit_ms) });
      const script = response.headers.get("x-lianxin-pages");
      if (script) this.onPages(script);
      return response;
    } catch (error) {
      throw new Unreachable(String(error));
    }
  }
}

const WRONG_PASSWORD = "session.bad_credentials";
const FILE_MS = 600_000;
const nameOf = (disposition: string | null): string => /filename="([^"]+)"/.exec(disposition ?? "")?.[1] ?? "download";

async function read(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  if (response.headers.get("content-type")?.startsWith("text/csv")) return response.text();
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

/** `?a=1&b=2` of what is not empty. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const kept = Object.entries(values).filter(([, v]) => v !== undefined && v !== null && v !== "");
  return kept.length ? "?" + new URLSearchParams(kept.map(([k, v]) => [k, String(v)])).toString() : "";
}
