/** Formats of samples that take as many bytes as they say: integers, floats, two logarithmic ones, and what says more elsewhere. */
const PLAIN_FORMATS = new Set([1, 3, 6, 7, 0xfffe]);
const MOST_CHUNKS = 1_000;

/** What is there counts, and not what the head says: sound that is recorded as it is sent does not know its length. */
export function waveSeconds(content: Buffer): number | undefined {
  let bytesPerSecond: number | undefined;
  for (let at = 12, chunks = 0; at + 8 <= content.length && chunks < MOST_CHUNKS; chunks += 1) {
    const size = content.readUInt32LE(at + 4);
    const name = content.toString("latin1", at, at + 4);
    if (name === "fmt ") bytesPerSecond = rateOf(content, at + 8);
    if (name === "data") return bytesPerSecond === undefined ? undefined : (content.length - at - 8) / bytesPerSecond;
    at += 8 + size + (size % 2);
  }
  return undefined;
}

function rateOf(content: Buffer, at: number): number | undefined {
  const [format, channels, bits] = [content.readUInt16LE(at), content.readUInt16LE(at + 2), content.readUInt16LE(at + 14)];
  const rate = content.readUInt32LE(at + 4) * channels * (bits / 8);
  return PLAIN_FORMATS.has(format) && rate > 0 && content.readUInt32LE(at + 8) === rate ? rate : undefined;
}
