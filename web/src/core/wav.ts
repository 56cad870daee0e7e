/** A recording of the browser's (webm, mp4 …) becomes what every sound library reads: WAV, mono, 16 bit. Pure but for decode. */

export const RATE = 16_000;
const HEADER_BYTES = 44;

export function encodeWav(samples: Float32Array, rate: number): ArrayBuffer {
  const out = new ArrayBuffer(HEADER_BYTES + samples.length * 2);
  const view = new DataView(out);
  const word = (at: number, text: string) => [...text].forEach((c, n) => view.setUint8(at + n, c.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + samples.length * 2, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((s, n) => view.setInt16(HEADER_BYTES + n * 2, Math.round(Math.max(-1, Math.min(1, s)) * 32767), true));
  return out;
}

/** Decoded by the browser itself and resampled to RATE. Rejects what it cannot play. */
export async function toWav(recording: Blob): Promise<ArrayBuffer> {
  const context = new AudioContext();
  try {
    const sound = await context.decodeAudioData(await recording.arrayBuffer());
    const offline = new OfflineAudioContext(1, Math.max(1, Math.ceil(sound.duration * RATE)), RATE);
    const source = offline.createBufferSource();
    source.buffer = sound;
    source.connect(offline.destination);
    source.start();
    return encodeWav((await offline.startRendering()).getChannelData(0), RATE);
  } finally {
    await context.close();
  }
}
