// Development double: a stereo WAV of two tones, with Range, so that the player has something to play.
const RATE = 8000, SECONDS = 96;

function wav() {
  const data = Buffer.alloc(44 + RATE * SECONDS * 4);
  data.write("RIFF", 0); data.writeUInt32LE(data.length - 8, 4); data.write("WAVEfmt ", 8);
  data.writeUInt32LE(16, 16); data.writeUInt16LE(1, 20); data.writeUInt16LE(2, 22); data.writeUInt32LE(RATE, 24);
  data.writeUInt32LE(RATE * 4, 28); data.writeUInt16LE(4, 32); data.writeUInt16LE(16, 34); data.write("data", 36); data.writeUInt32LE(data.length - 44, 40);
  for (let i = 0; i < RATE * SECONDS; i++) {
    data.writeInt16LE(6000 * Math.sin((i * 2 * Math.PI * 440) / RATE), 44 + i * 4);
    data.writeInt16LE(6000 * Math.sin((i * 2 * Math.PI * 660) / RATE), 46 + i * 4);
  }
  return data;
}
const file = wav();

export function tone(req, res) {
  const range = req.headers.range?.match(/bytes=(\d+)-(\d*)/);
  if (!range) return res.writeHead(200, { "content-type": "audio/wav", "content-length": file.length, "accept-ranges": "bytes" }).end(file);
  const from = Number(range[1]), to = range[2] ? Number(range[2]) : file.length - 1;
  res.writeHead(206, { "content-type": "audio/wav", "content-range": `bytes ${from}-${to}/${file.length}`, "content-length": to - from + 1, "accept-ranges": "bytes" });
  res.end(file.subarray(from, to + 1));
}
