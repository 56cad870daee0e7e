/** Telephony as the page shows it: how an endpoint is, its last fault in words, and what is sent of a trunk. No framework. */

import type { EndpointNow, Trunk, TrunkAsk } from "./types";

export type Tone = "good" | "warn" | "bad" | "";

export const TONES: Record<string, Tone> = { registered: "good", unchecked: "", unregistered: "", unreachable: "bad", rejected: "bad" };

/** A telephone that nobody uses is no trouble; a trunk that is not there is. */
export const toneOf = (now: EndpointNow | null, trunk = false): Tone => {
  if (!now) return "";
  return trunk && now.state === "unregistered" ? "bad" : (TONES[now.state] ?? "");
};

/** The key of a fault's words, and what stands in them: "sip.503" → sip, 503; "secret 10.1.2.3" → secret, the address. */
export function faultWords(fault: string): { key: string; what: string } {
  if (fault.startsWith("secret ")) return { key: "secret", what: fault.slice(7) };
  const found = /^(sip|q850)\.(\d+)$/.exec(fault);
  if (found) return { key: found[1]!, what: found[2]! };
  return { key: fault.replaceAll(".", "_"), what: "" };
}

export const listOf = (text: string): string[] => text.split(/[\s,，、;；]+/).filter(Boolean);

export interface TrunkForm {
  name: string;
  title: string;
  host: string;
  addresses: string;
  registers: boolean;
  username: string;
  secret: string;
  codecs: string[];
  channel_limit: string;
  position: string;
  active: boolean;
}

export const emptyTrunk = (position: number): TrunkForm => ({
  name: "", title: "", host: "", addresses: "", registers: false, username: "", secret: "", codecs: ["alaw", "ulaw"], channel_limit: "", position: String(position), active: true,
});

export const formOf = (t: Trunk): TrunkForm => ({
  name: t.name, title: t.title, host: t.host ?? "", addresses: t.addresses.join(" "), registers: t.kind === "registration", username: t.username ?? "", secret: "",
  codecs: [...t.codecs], channel_limit: t.channel_limit === null ? "" : String(t.channel_limit), position: String(t.position), active: t.active,
});

/** An empty password means the one it has. The first trunk's address stands in the settings. */
export function askOf(form: TrunkForm, isFirst: boolean): TrunkAsk {
  const limit = String(form.channel_limit).trim(); // a field of numbers gives a number
  const rest = { title: form.title.trim(), channel_limit: limit ? Number(limit) : null, position: Number(form.position) || 0, active: form.active };
  if (isFirst) return rest;
  return {
    ...rest, host: form.host.trim(), addresses: listOf(form.addresses), codecs: form.codecs,
    username: form.registers ? form.username.trim() : null, secret: form.registers && form.secret ? form.secret : null,
  };
}
