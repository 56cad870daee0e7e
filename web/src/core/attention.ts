/** Being noticed when it rings: a ring made here (no sound file), the page's title, a notification of the desktop. */

const RING_HZ = 450; // the tone Chinese exchanges ring with: 1 s on, 4 s off; here shorter, it is a desk and not a home
const ON_S = 0.9;
const PERIOD_MS = 2400;

export class RingTone {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  /** 0 … 1 */
  volume = 0.5;

  get ringing(): boolean {
    return this.timer !== undefined;
  }

  start(): void {
    if (this.timer !== undefined) return;
    this.context ??= new AudioContext();
    void this.context.resume().catch(() => {});
    this.burst();
    this.timer = setInterval(() => this.burst(), PERIOD_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    void this.context?.close().catch(() => {});
    this.context = null;
  }

  /** Two soft tones, a fifth apart, so that it carries without startling. */
  private burst(): void {
    const c = this.context;
    if (!c) return;
    const gain = c.createGain();
    const t = c.currentTime;
    gain.gain.setValueAtTime(0, t);
    gain.gain.linearRampToValueAtTime(this.volume * 0.25, t + 0.05);
    gain.gain.setValueAtTime(this.volume * 0.25, t + ON_S - 0.1);
    gain.gain.linearRampToValueAtTime(0, t + ON_S);
    gain.connect(c.destination);
    for (const hz of [RING_HZ, RING_HZ * 1.5]) {
      const o = c.createOscillator();
      o.frequency.value = hz;
      o.connect(gain);
      o.start(t);
      o.stop(t + ON_S);
    }
  }
}

/** The alarm of a danger call: two falling tones, again and again, unlike any ring. Until it is stopped. */
export class AlarmTone {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  get sounding(): boolean {
    return this.timer !== undefined;
  }

  start(): void {
    if (this.timer !== undefined || typeof AudioContext === "undefined") return;
    this.context = new AudioContext();
    void this.context.resume().catch(() => {});
    this.burst();
    this.timer = setInterval(() => this.burst(), 1500);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    void this.context?.close().catch(() => {});
    this.context = null;
  }

  private burst(): void {
    const c = this.context;
    if (!c) return;
    for (const [hz, at] of [[880, 0], [660, 0.25], [880, 0.5], [660, 0.75]] as const) {
      const gain = c.createGain();
      const t = c.currentTime + at;
      gain.gain.setValueAtTime(0, t);
      gain.gain.linearRampToValueAtTime(0.22, t + 0.02);
      gain.gain.linearRampToValueAtTime(0, t + 0.23);
      gain.connect(c.destination);
      const o = c.createOscillator();
      o.frequency.value = hz;
      o.connect(gain);
      o.start(t);
      o.stop(t + 0.24);
    }
  }
}

export class TitleFlash {
  private timer: ReturnType<typeof setInterval> | undefined;
  private plain = "";

  constructor(private readonly page: { title: string } = document) {}

  start(text: string): void {
    this.stop();
    this.plain = this.page.title;
    let on = true;
    this.page.title = text;
    this.timer = setInterval(() => {
      on = !on;
      this.page.title = on ? text : this.plain;
    }, 1000);
  }

  stop(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.page.title = this.plain;
  }
}

/** Shows a notification if the agent allowed it; a click brings the desk to the front. Returns how to take it back. */
export function notify(title: string, body: string): () => void {
  if (typeof Notification === "undefined" || Notification.permission !== "granted") return () => {};
  const n = new Notification(title, { body, tag: "lianxin-ringing", requireInteraction: true, icon: "/icon.svg" });
  n.onclick = () => {
    window.focus();
    n.close();
  };
  return () => n.close();
}

/** Asks once, from a click of the agent. */
export async function askForNotifications(): Promise<NotificationPermission | "unsupported"> {
  if (typeof Notification === "undefined") return "unsupported";
  return Notification.permission === "default" ? Notification.requestPermission() : Notification.permission;
}
