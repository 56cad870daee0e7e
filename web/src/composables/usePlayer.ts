/** A recording being played: wavesurfer with the server's peaks, the two voices apart, position, speed. */

import { onBeforeUnmount, reactive, watch } from "vue";
import type WaveSurfer from "wavesurfer.js";
import { gains, type Side, StereoDesk } from "@/core/stereo";
import type { RecordingBrief } from "@/core/types";
import { useLive } from "@/stores/live";
import { api } from "@/stores/session";

const COLOURS = { agent: ["#8fb7c2", "#0b6477"], citizen: ["#dcb98a", "#9a5a00"] } as const;

export function usePlayer(recording: RecordingBrief) {
  const live = useLive();
  const state = reactive({
    phase: "closed" as "closed" | "loading" | "ready" | "failed",
    playing: false,
    at_s: 0,
    duration_s: recording.duration_s ?? 0,
    speed: 1,
    muted: { agent: false, citizen: false } as Record<Side, boolean>,
    solo: null as Side | null,
  });
  let wave: WaveSurfer | null = null;
  let desk: StereoDesk | null = null;

  async function open(container: HTMLElement): Promise<void> {
    if (state.phase === "ready" || state.phase === "loading") return;
    state.phase = "loading";
    try {
      const peaks = await api.peaks(recording.peaks_url ?? `/recordings/${recording.id}/peaks`);
      const { default: WaveSurferClass } = await import("wavesurfer.js");
      const media = new Audio();
      media.preload = "metadata";
      media.src = api.audioUrl(recording.id);
      const channel = (side: Side) => ({ waveColor: COLOURS[side][0], progressColor: COLOURS[side][1], height: 30 });
      wave = WaveSurferClass.create({
        container, media, height: 30, cursorColor: "#17252f", cursorWidth: 2, dragToSeek: true, normalize: true, barWidth: 2, barGap: 1,
        peaks: [peaks.left, peaks.right], duration: state.duration_s || peaks.left.length / peaks.bins_per_s,
        splitChannels: [channel("agent"), channel("citizen")],
      });
      listen(wave, media);
    } catch {
      state.phase = "failed";
    }
  }

  function listen(w: WaveSurfer, media: HTMLMediaElement): void {
    w.on("ready", (d) => {
      state.duration_s = d;
      state.phase = "ready";
    });
    w.on("timeupdate", (s) => (state.at_s = s));
    w.on("play", () => (state.playing = true));
    w.on("pause", () => (state.playing = false));
    w.on("error", () => (state.phase = "failed"));
    media.addEventListener("error", () => (state.phase = "failed"));
  }

  /** The audio graph is made at the first play: before a click the browser would keep it silent. */
  async function toggle(): Promise<void> {
    const media = wave?.getMediaElement();
    if (!wave || !media) return;
    desk ??= new StereoDesk(media);
    desk.set(gains(state.muted, state.solo));
    await desk.resume();
    await wave.playPause();
  }

  const seek = (s: number): void => wave?.setTime(Math.max(0, Math.min(state.duration_s, s)));

  function setSpeed(speed: number): void {
    state.speed = speed;
    wave?.setPlaybackRate(speed, true);
  }

  watch(() => gains(state.muted, state.solo), (g) => desk?.set(g));
  // A citizen is on the way: the agent must hear the ring and not the past.
  watch(() => live.agent?.state === "ringing", (ringing) => ringing && wave?.pause());
  onBeforeUnmount(() => {
    wave?.destroy();
    desk?.close();
  });

  return { state, open, toggle, seek, setSpeed };
}
