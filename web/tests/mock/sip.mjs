// Development double: as much of a SIP registrar as a screen needs. No media ever flows.
const OFFER = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 127.0.0.1\r\na=rtcp-mux\r\na=ice-ufrag:mock\r\na=ice-pwd:mockmockmockmockmockmock\r\na=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}\r\na=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtpmap:0 PCMU/8000\r\n`;

const header = (text, name) => text.match(new RegExp(`^${name}:\\s*(.*)$`, "im"))?.[1] ?? "";
const reply = (text, status, extra = "") =>
  `SIP/2.0 ${status}\r\n${text.split("\r\n").filter((l) => /^(Via|From|Call-ID|CSeq):/i.test(l)).join("\r\n")}\r\nTo: ${header(text, "To")};tag=mock\r\n${extra}Content-Length: 0\r\n\r\n`;

export class Sip {
  constructor() {
    this.socket = null;
    this.contact = "";
    this.status = 200;
    this.onAnswer = () => {};
    this.onBye = () => {};
    this.onReInvite = () => {};
  }

  attach(socket) {
    this.socket = socket;
    socket.on("message", (data) => this.take(String(data)));
  }

  take(text) {
    if (text.startsWith("REGISTER")) {
      this.contact = header(text, "Contact").match(/<(sip:[^>]+)>/)?.[1] ?? "";
      const ok = `Contact: <${this.contact}>;expires=120\r\n`;
      return this.send(this.status === 200 ? reply(text, "200 OK", ok) : reply(text, `${this.status} Forbidden`));
    }
    if (text.startsWith("INVITE")) {
      const mode = text.includes("a=sendonly") || text.includes("a=inactive") ? "held" : "talking";
      const sdp = OFFER.replace("actpass", "passive").replace("sendrecv", mode === "held" ? "recvonly" : "sendrecv");
      this.send(reply(text, "200 OK", "Contact: <sip:mock@127.0.0.1;transport=ws>\r\nContent-Type: application/sdp\r\n").replace("Content-Length: 0\r\n\r\n", `Content-Length: ${sdp.length}\r\n\r\n${sdp}`));
      return this.onReInvite(mode);
    }
    if (text.startsWith("BYE")) return this.send(reply(text, "200 OK")), this.onBye();
    if (text.startsWith("SIP/2.0 200") && /CSeq: 1 INVITE/i.test(text)) {
      this.to = header(text, "To");
      this.send(this.request("ACK", 1));
      this.onAnswer();
    }
  }

  ring(caller) {
    this.callId = `mock-${Date.now()}`;
    this.caller = caller;
    this.to = `<${this.contact}>`;
    this.send(this.request("INVITE", 1, OFFER));
  }

  cancel() {
    this.send(this.request("CANCEL", 1));
  }

  bye() {
    this.send(this.request("BYE", 2));
  }

  request(method, cseq, body = "") {
    return [
      `${method} ${this.contact} SIP/2.0`, `Via: SIP/2.0/WS 127.0.0.1;branch=z9hG4bK${this.callId}${method === "CANCEL" ? "INVITE" : method}`, "Max-Forwards: 70",
      `From: <sip:${this.caller}@127.0.0.1>;tag=c1`, `To: ${this.to}`, `Call-ID: ${this.callId}`, `CSeq: ${cseq} ${method}`,
      "Contact: <sip:mock@127.0.0.1;transport=ws>", ...(body ? ["Content-Type: application/sdp"] : []), `Content-Length: ${body.length}`, "", body,
    ].join("\r\n");
  }

  send(text) {
    this.socket?.send(text);
  }
}
