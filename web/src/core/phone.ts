/**
 * The browser phone: JsSIP turned into facts for phoneMachine. Owns the UA, its one session and the citizen's audio.
 * Must not decide who may call, show anything, or know about cases.
 */

import { debug as jssipDebug, UA, WebSocketInterface } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { RTCSessionEvent, UAConfiguration, UnRegisteredEvent } from "jssip/lib/UA";
import { backoff } from "./backoff";
import { initialPhone, type PhoneFact, type PhoneState, phoneStep } from "./phoneMachine";

export interface SipAccount {
  ws_url: string;
  sip_uri: string;
  username: string;
  secret: string;
  realm: string;
}

const REGISTER_EXPIRES_S = 120;
const BUSY = { status_code: 486, reason_phrase: "Busy Here" };

export class BrowserPhone {
  private ua: UA | null = null;
  private session: RTCSession | null = null;
  private readonly wait = backoff(500, 15_000);
  private retry: ReturnType<typeof setTimeout> | undefined;
  private sent: MediaStream | null = null;
  state: PhoneState = initialPhone();

  constructor(
    private readonly onState: (state: PhoneState) => void,
    /** The microphone's stream now; a copy of its track is sent, so muting a call does not mute the meter. */
    private readonly microphone: () => MediaStream | null,
    private readonly speaker: HTMLAudioElement,
  ) {
    jssipDebug.disable();
  }

  start(account: SipAccount): void {
    this.stop();
    this.fact({ type: "start" });
    this.ua = new UA(configuration(account));
    this.listen(this.ua);
    this.ua.start();
  }

  stop(): void {
    clearTimeout(this.retry);
    const ua = this.ua;
    this.ua = null;
    ua?.stop(); // ends sessions and unregisters
    this.closeMedia();
    this.fact({ type: "stop" });
  }

  answer(): void {
    const stream = this.microphone();
    if (!this.session || !stream || this.state.leg.state !== "ringing") return;
    this.sent = copy(stream);
    this.fact({ type: "answer" });
    this.session.answer({ mediaStream: this.sent, pcConfig: { iceServers: [] } });
  }

  hangUp(): void {
    if (this.session && !this.session.isEnded()) this.session.terminate();
  }

  /** Re-INVITE with sendonly; the PBX plays music to the citizen. False when the session cannot be re-offered now. */
  hold(on: boolean): boolean {
    if (!this.session) return false;
    return on ? this.session.hold() : this.session.unhold();
  }

  mute(on: boolean): void {
    if (on) this.session?.mute({ audio: true });
    else this.session?.unmute({ audio: true });
  }

  sendDigit(digit: string): void {
    // The enum of JsSIP exists in its types only; the wire word is what it wants.
    const transportType = "RFC2833" as never;
    this.session?.sendDTMF(digit, { transportType, duration: 120 });
  }

  /** A new microphone during a call: the citizen hears it without a new negotiation. */
  async microphoneChanged(): Promise<void> {
    const stream = this.microphone();
    const sender = this.session?.connection?.getSenders().find((s) => s.track?.kind === "audio" || !s.track);
    if (!stream || !sender) return;
    const next = copy(stream);
    const track = next.getAudioTracks()[0];
    if (!track) return;
    track.enabled = !this.state.leg.muted;
    await sender.replaceTrack(track);
    stopTracks(this.sent);
    this.sent = next;
  }

  private fact(fact: PhoneFact): void {
    const next = phoneStep(this.state, fact);
    if (next === this.state) return;
    this.state = next;
    this.onState(next);
  }

  private listen(ua: UA): void {
    const mine = (f: () => void) => () => void (this.ua === ua && f());
    ua.on("connected", mine(() => this.fact({ type: "socketOpen" })));
    ua.on("disconnected", mine(() => this.fact({ type: "socketLost" })));
    ua.on("registered", mine(() => {
      this.wait.reset();
      this.fact({ type: "registered" });
    }));
    // JsSIP does not come back by itself after this one (its issue 894).
    ua.on("unregistered", mine(() => this.again({ type: "unregistered" })));
    ua.on("registrationFailed", (e: UnRegisteredEvent) => {
      if (this.ua === ua) this.again({ type: "failed", status: e.response?.status_code ?? 0 });
    });
    ua.on("newRTCSession", (e: RTCSessionEvent) => void (this.ua === ua && this.invited(e)));
  }

  private again(fact: PhoneFact): void {
    this.fact(fact);
    if (this.state.registration !== "waiting") return;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      if (!this.ua?.isConnected() || this.ua.isRegistered()) return;
      this.fact({ type: "retry" });
      this.ua.register();
    }, this.wait.next());
  }

  private invited(event: RTCSessionEvent): void {
    const session = event.session;
    if ((event.originator as string) !== "remote") return;
    if (this.session) return session.terminate(BUSY);
    this.session = session;
    session.on("peerconnection", (e) => this.hear(e.peerconnection));
    session.on("confirmed", () => this.fact({ type: "confirmed" }));
    session.on("hold", (e) => (e.originator as string) === "local" && this.fact({ type: "held", on: true }));
    session.on("unhold", (e) => (e.originator as string) === "local" && this.fact({ type: "held", on: false }));
    session.on("muted", () => this.fact({ type: "muted", on: true }));
    session.on("unmuted", () => this.fact({ type: "muted", on: false }));
    session.on("ended", () => this.over(session));
    session.on("failed", () => this.over(session));
    this.fact({ type: "invited", caller: session.remote_identity?.uri?.user ?? "" });
  }

  private hear(pc: RTCPeerConnection): void {
    pc.addEventListener("track", (e) => {
      this.speaker.srcObject = e.streams[0] ?? new MediaStream([e.track]);
      void this.speaker.play().catch(() => {}); // refused only before the first click on the page
    });
    pc.addEventListener("iceconnectionstatechange", () => {
      const broken = pc.iceConnectionState === "disconnected" || pc.iceConnectionState === "failed";
      this.fact({ type: "media", state: broken ? "interrupted" : "ok" });
    });
  }

  private over(session: RTCSession): void {
    if (this.session !== session) return;
    this.closeMedia();
    this.fact({ type: "ended" });
  }

  private closeMedia(): void {
    this.session = null;
    stopTracks(this.sent);
    this.sent = null;
    this.speaker.srcObject = null;
  }
}

function configuration(a: SipAccount): UAConfiguration {
  return {
    sockets: [new WebSocketInterface(a.ws_url)],
    uri: a.sip_uri,
    authorization_user: a.username,
    password: a.secret,
    realm: a.realm,
    register: true,
    register_expires: REGISTER_EXPIRES_S,
    session_timers: false,
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 8,
    user_agent: "Lianxin",
  };
}

const copy = (stream: MediaStream): MediaStream => new MediaStream(stream.getAudioTracks().map((t) => t.clone()));
const stopTracks = (stream: MediaStream | null): void => stream?.getTracks().forEach((t) => t.stop());
