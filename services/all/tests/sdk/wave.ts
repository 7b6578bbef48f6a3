const BYTES_PER_SECOND = 16_000;

/** A WAV that is silent for so many seconds. */
export function silence(seconds: number): File {
  const head = Buffer.alloc(44);
  head.write("RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data", "latin1");
  head.writeUInt32LE(seconds * BYTES_PER_SECOND, 40);
  return new File([head, new Uint8Array(seconds * BYTES_PER_SECOND)], "silence.wav", { type: "audio/wav" });
}
