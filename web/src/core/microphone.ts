/** The microphone: permission, level, and noticing its loss. Keeps the stream open so that a call can be answered at once. */

export type MicrophoneState = "off" | "asking" | "ok" | "denied" | "missing" | "insecure";

export class Microphone {
  state: MicrophoneState = "off";
  stream: MediaStream | null = null;
  private meter: AnalyserNode | null = null;
  private context: AudioContext | null = null;
  private deviceId = "";

  constructor(private readonly onChange: (state: MicrophoneState) => void) {
    navigator.mediaDevices?.addEventListener?.("devicechange", () => void this.devicesChanged());
  }

  async open(deviceId = this.deviceId): Promise<void> {
    if (!navigator.mediaDevices?.getUserMedia) return this.set("insecure"); // not HTTPS and not this machine
    this.deviceId = deviceId;
    this.set("asking");
    try {
      const wanted = deviceId ? { deviceId: { exact: deviceId } } : {};
      const audio = { ...wanted, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
      const stream = await navigator.mediaDevices.getUserMedia({ audio });
      this.take(stream);
    } catch (error) {
      this.drop();
      this.set((error as DOMException).name === "NotAllowedError" ? "denied" : "missing");
    }
  }

  close(): void {
    this.drop();
    this.set("off");
  }

  async devices(): Promise<MediaDeviceInfo[]> {
    const all = await navigator.mediaDevices?.enumerateDevices?.();
    return (all ?? []).filter((d) => d.kind === "audioinput" && d.deviceId !== "");
  }

  /** 0 (silence) … 1, on a scale of decibels as ears hear it. */
  level(): number {
    if (!this.meter) return 0;
    const samples = new Float32Array(this.meter.fftSize);
    this.meter.getFloatTimeDomainData(samples);
    return levelOf(samples);
  }

  private take(stream: MediaStream): void {
    this.drop();
    this.stream = stream;
    const track = stream.getAudioTracks()[0];
    track?.addEventListener("ended", () => this.stream === stream && this.lost());
    this.context = new AudioContext();
    this.meter = this.context.createAnalyser();
    this.meter.fftSize = 1024;
    this.context.createMediaStreamSource(stream).connect(this.meter);
    void this.context.resume().catch(() => {});
    this.set("ok");
  }

  private lost(): void {
    this.drop();
    this.set("missing");
    void this.open(""); // another microphone may be there
  }

  private async devicesChanged(): Promise<void> {
    if (this.state === "missing") return this.open("");
    if (this.state !== "ok") return;
    const present = await this.devices();
    const id = this.stream?.getAudioTracks()[0]?.getSettings().deviceId;
    if (present.length === 0 || (id && !present.some((d) => d.deviceId === id))) this.lost();
  }

  private drop(): void {
    this.stream?.getTracks().forEach((t) => t.stop());
    this.stream = null;
    this.meter = null;
    void this.context?.close().catch(() => {});
    this.context = null;
  }

  private set(state: MicrophoneState): void {
    this.state = state;
    this.onChange(state);
  }
}

const FLOOR_DB = -60;

export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const s of samples) sum += s * s;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  if (rms === 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(rms)) / FLOOR_DB));
}
