/**
 * The server's clock, as seen from here. Owns the offset; must not start timers.
 *
 * A message carries the server's time at sending, so (server − local) is at most the true offset and falls short by
 * the network's delay. The largest of the last samples is therefore the best estimate.
 */

const SAMPLES = 12;

/** Milliseconds that never jump, unlike Date.now() after a change of the machine's clock. */
export const steadyNow = (): number => performance.timeOrigin + performance.now();

export class ServerClock {
  private samples: number[] = [];

  constructor(private readonly local: () => number = steadyNow) {}

  /** Takes in a server time (ISO) that just arrived. */
  heard(serverTime: string): void {
    const server = Date.parse(serverTime);
    if (Number.isNaN(server)) return;
    this.samples.push(server - this.local());
    if (this.samples.length > SAMPLES) this.samples.shift();
  }

  /** The server's time now, in epoch milliseconds. Before the first message it is this machine's. */
  now(): number {
    return this.local() + (this.samples.length ? Math.max(...this.samples) : 0);
  }

  /** Seconds since `iso`, never negative; 0 when there is none. */
  since_s(iso: string | null | undefined): number {
    return iso ? Math.max(0, (this.now() - Date.parse(iso)) / 1000) : 0;
  }

  /** Seconds until `iso`, never negative; 0 when there is none. */
  until_s(iso: string | null | undefined): number {
    return iso ? Math.max(0, (Date.parse(iso) - this.now()) / 1000) : 0;
  }
}
