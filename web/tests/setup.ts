/** What jsdom lacks. Nothing here answers for the server. Tests that need a page begin with `@vitest-environment jsdom`. */
import { afterEach, vi } from "vitest";

if (typeof Element !== "undefined") {
  Element.prototype.scrollIntoView ??= () => {};
}

afterEach(() => {
  globalThis.localStorage?.clear();
  globalThis.sessionStorage?.clear();
  vi.useRealTimers();
});
