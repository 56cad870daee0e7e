/** Two voices in one file, agent left and citizen right: hearing either or both, each in both ears. Owns the Web Audio graph. */

export type Side = "agent" | "citizen";

/** What is audible: solo wins over mute, as on every mixing desk. Pure. */
export function gains(muted: Record<Side, boolean>, solo: Side | null): Record<Side, number> {
  const on = (side: Side): number => (solo ? Number(solo === side) : Number(!muted[side]));
  return { agent: on("agent"), citizen: on("citizen") };
}

export class StereoDesk {
  private readonly context = new AudioContext();
  private readonly nodes: Record<Side, GainNode>;

  constructor(media: HTMLMediaElement) {
    const source = this.context.createMediaElementSource(media);
    const splitter = this.context.createChannelSplitter(2);
    source.connect(splitter);
    this.nodes = { agent: this.context.createGain(), citizen: this.context.createGain() };
    splitter.connect(this.nodes.agent, 0);
    splitter.connect(this.nodes.citizen, 1);
    // A gain of one channel is played in both ears.
    this.nodes.agent.connect(this.context.destination);
    this.nodes.citizen.connect(this.context.destination);
  }

  set(wanted: Record<Side, number>): void {
    const t = this.context.currentTime;
    this.nodes.agent.gain.setTargetAtTime(wanted.agent, t, 0.01);
    this.nodes.citizen.gain.setTargetAtTime(wanted.citizen, t, 0.01);
  }

  resume(): Promise<void> {
    return this.context.resume();
  }

  close(): void {
    void this.context.close().catch(() => {});
  }
}
