/**
 * One phone tab at a time in this browser (Web Locks). A second tab that took the microphone of the first would leave
 * an agent who hears nothing; so the second asks, and the first is told.
 */

/** A reload frees the lock only when the old page is gone: wait for it a moment before saying "in another tab". */
const RELOAD_GRACE_MS = 1500;

export class PhoneLock {
  private release: (() => void) | null = null;
  private asked = 0;

  constructor(
    private readonly name: string,
    private readonly onChange: (here: boolean) => void,
    private readonly locks: LockManager | undefined = navigator.locks,
  ) {}

  /** Takes the phone if no other tab has it. */
  acquire(): Promise<void> {
    return this.request({ signal: AbortSignal.timeout(RELOAD_GRACE_MS) });
  }

  /** Takes it from whichever tab has it. */
  takeOver(): Promise<void> {
    return this.request({ steal: true });
  }

  free(): void {
    this.asked += 1;
    this.release?.();
    this.release = null;
  }

  private request(options: LockOptions): Promise<void> {
    if (!this.locks) {
      this.onChange(true); // no Web Locks (an insecure page): the microphone check will say so first
      return Promise.resolve();
    }
    this.free();
    const turn = this.asked;
    const held = () => new Promise<void>((resolve) => {
      this.release = resolve;
      this.onChange(true);
    });
    return new Promise((settled) => {
      const granted = this.locks!.request(this.name, options, () => {
        settled();
        return turn === this.asked ? held() : undefined;
      });
      // Rejected when waiting was in vain (TimeoutError) or another tab stole it (AbortError).
      granted.catch(() => {
        settled();
        if (turn !== this.asked) return;
        this.release = null;
        this.onChange(false);
      });
    });
  }
}
