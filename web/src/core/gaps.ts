/** The silent stretches of a recording, as places on its waveform. Pure. */

import type { RecordingPause } from "./types";

export interface Gap {
  left: number; // percent of the width
  width: number;
  from_s: number;
  to_s: number;
  reason: string;
}

const LEAST_WIDTH = 0.6; // percent: a short pause in a long recording must still be seen

export function gapsOn(pauses: RecordingPause[] | null | undefined, duration_s: number): Gap[] {
  if (!duration_s) return [];
  return (pauses ?? []).flatMap((p) => {
    const from = Math.max(0, Math.min(p.from_s, duration_s));
    const to = Math.max(from, Math.min(p.to_s ?? duration_s, duration_s));
    if (to <= from) return [];
    const width = Math.max(LEAST_WIDTH, ((to - from) / duration_s) * 100);
    return [{ left: Math.min(100 - width, (from / duration_s) * 100), width, from_s: from, to_s: to, reason: p.reason ?? "other" }];
  });
}

/** The gap under a position, if any. */
export const gapAt = (gaps: Gap[], at_s: number): Gap | null => gaps.find((g) => at_s >= g.from_s && at_s < g.to_s) ?? null;
