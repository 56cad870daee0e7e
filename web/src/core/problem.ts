/** Errors of the API (application/problem+json) and of the way to it. The server's sentence is already in the user's language. */

export interface FieldProblem {
  field: string;
  message: string;
}

export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: FieldProblem[] = [],
    readonly body: Record<string, unknown> = {},
  ) {
    super(`${code}: ${detail}`);
  }
}

/** The request did not reach the API, or no answer came back: nobody can tell what became of it. */
export class Unreachable extends Error {
  readonly code = "web.unreachable";
}

/** Worth trying again unchanged: no answer, the API is going down or coming up, or it asked for patience. */
export function isTransient(error: unknown): boolean {
  if (error instanceof Unreachable) return true;
  return error instanceof ApiProblem && (error.status >= 500 || error.status === 429 || error.status === 408);
}

/** Reads a problem body; a proxy's HTML page becomes a problem with a code of ours. */
export function toProblem(status: number, body: unknown): ApiProblem {
  const p = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const code = typeof p.code === "string" ? p.code : `http.${status}`;
  const detail = typeof p.detail === "string" ? p.detail : typeof p.title === "string" ? p.title : "";
  return new ApiProblem(status, code, detail, toFields(p.errors), p);
}

function toFields(errors: unknown): FieldProblem[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((e: Record<string, unknown>) => {
    const path = e.field ?? e.path ?? e.loc;
    const name = Array.isArray(path) ? path.at(-1) : path;
    const message = e.message ?? e.msg ?? e.detail;
    return typeof name === "string" ? [{ field: name.split(".").at(-1)!, message: String(message ?? "") }] : [];
  });
}
