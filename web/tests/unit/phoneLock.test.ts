import { describe, expect, it, vi } from "vitest";
import { PhoneLock } from "@/core/phoneLock";

/** Web Locks between tabs, by their rules: one holder, a queue, signal, steal. */
class Locks {
  private holder: { reject: (e: DOMException) => void } | null = null;
  private queue: (() => void)[] = [];

  request(_name: string, options: LockOptions, body: () => Promise<void> | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const run = () => {
        const me = { reject };
        this.holder = me;
        const done = () => {
          if (this.holder !== me) return;
          this.holder = null;
          resolve();
          this.queue.shift()?.();
        };
        void (body() ?? Promise.resolve()).then(done);
      };
      if (options.steal) {
        this.holder?.reject(new DOMException("stolen", "AbortError"));
        return run();
      }
      if (!this.holder) return run();
      this.queue.push(run);
      options.signal?.addEventListener("abort", () => {
        this.queue = this.queue.filter((q) => q !== run);
        reject(options.signal!.reason as DOMException);
      });
    });
  }
}

function tab(locks: Locks) {
  const said: boolean[] = [];
  return { said, lock: new PhoneLock("seat", (here) => said.push(here), locks as unknown as LockManager) };
}

describe("one phone tab", () => {
  it("the first has it, the second is told no", async () => {
    const locks = new Locks();
    const [a, b] = [tab(locks), tab(locks)];
    await a.lock.acquire();
    const signal = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(signal.signal);
    const asked = b.lock.acquire();
    signal.abort(new DOMException("waited", "TimeoutError"));
    await asked;
    expect([a.said, b.said]).toEqual([[true], [false]]);
  });

  it("a reload gets it back when the old page is gone", async () => {
    const locks = new Locks();
    const [old, fresh] = [tab(locks), tab(locks)];
    await old.lock.acquire();
    const asked = fresh.lock.acquire();
    old.lock.free();
    await asked;
    expect(fresh.said).toEqual([true]);
  });

  it("the second takes over on request and the first is told", async () => {
    const locks = new Locks();
    const [a, b] = [tab(locks), tab(locks)];
    await a.lock.acquire();
    await b.lock.takeOver();
    expect([a.said, b.said]).toEqual([[true, false], [true]]);
    await a.lock.takeOver();
    expect([a.said.at(-1), b.said.at(-1)]).toEqual([true, false]);
  });

  it("freeing it oneself is not losing it", async () => {
    const a = tab(new Locks());
    await a.lock.acquire();
    a.lock.free();
    await Promise.resolve();
    expect(a.said).toEqual([true]);
  });
});
