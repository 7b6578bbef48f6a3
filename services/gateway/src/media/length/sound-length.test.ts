import { array, assert, constantFrom, property, tuple, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { soundSeconds } from "./sound-length.ts";

const u32 = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
const le32 = (value: number): Buffer => Buffer.from([value, value >>> 8, value >>> 16, value >>> 24]);
const le16 = (value: number): Buffer => Buffer.from([value, value >>> 8]);
const join = (...parts: (Buffer | string | number)[]): Buffer => Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.alloc(part) : Buffer.from(part as string, "latin1"))));

/** What the head of a WAV says. */
interface Head {
  readonly format?: number;
  readonly rate?: number;
  /** How long the sound is, in bytes. */
  readonly says?: number;
  readonly byteRate?: number;
}

function wave(seconds: number, { format = 1, rate = 16_000, says = seconds * 32_000, byteRate = rate * 2 }: Head = {}): Buffer {
  const head = Buffer.concat([le16(format), le16(1), le32(rate), le32(byteRate), le16(2), le16(16)]);
  return join("RIFF", le32(says + 36), "WAVE", "LIST", le32(3), "abc\0", "fmt ", le32(16), head, "data", le32(says), seconds * 32_000);
}

function flac(samples: number, bytes: number): Buffer {
  const packed = (44_100n << 44n) | (1n << 41n) | (15n << 36n) | BigInt(samples);
  const eight = Buffer.alloc(8);
  eight.writeBigUInt64BE(packed);
  return join("fLaC", u32(0x80000022), 10, eight, 16, bytes);
}

function oggPage(serial: number, position: bigint, body: Buffer, flags = 0): Buffer {
  const at = Buffer.alloc(8);
  at.writeBigUInt64LE(position);
  return join("OggS\0", Buffer.from([flags]), at, le32(serial), 8, Buffer.from([2, 255, body.length - 255]), body);
}

function opus(serial: number, seconds: number): Buffer {
  const head = join("OpusHead\x01\x01", le16(312), le32(48_000), 3, 300);
  return join(oggPage(serial, 0n, head, 2), oggPage(serial, BigInt(seconds * 48_000 + 312), join(400)), oggPage(serial, 2n ** 64n - 1n, join(400)));
}

const vorbis = (seconds: number): Buffer => join(oggPage(1, 0n, join("\x01vorbis", 5, le32(44_100), 300), 2), oggPage(1, BigInt(seconds * 44_100), join(400)));

/** Frames of layer III at 128 kbit/s and 44,100 Hz, 417 bytes each. */
const mp3 = (frames: number): Buffer => join(...Array.from({ length: frames }, () => join(u32(0xfffb9000), 413)));
const FRAME_S = 1_152 / 44_100;

const box = (name: string, ...parts: (Buffer | string | number)[]): Buffer => join(u32(8 + join(...parts).length), name, ...parts);
function mp4({ film = 0, track = 0, samples = 0, more = join() }): Buffer {
  const head = (units: number, scale: number): Buffer => join(12, u32(scale), u32(units), 80);
  const stbl = box("stbl", box("stts", 4, u32(1), u32(samples), u32(1_024)));
  return join(box("ftyp", "M4A "), box("mdat", 64), box("moov", box("mvhd", head(film * 1_000, 1_000)), box("trak", box("mdia", box("mdhd", head(track * 48_000, 48_000)), box("minf", stbl)))), more);
}

const element = (id: string, ...parts: (Buffer | string | number)[]): Buffer => join(Buffer.from(id, "hex"), Buffer.from([0x40 | (join(...parts).length >>> 8), join(...parts).length]), ...parts);
function webm(info: Buffer, ...clusters: Buffer[]): Buffer {
  // Of unknown size, as what is recorded as it is sent.
  return join(element("1a45dfa3", element("4282", "webm")), Buffer.from("1853806701ffffffffffffff", "hex"), element("1549a966", element("2ad7b1", Buffer.from([0x0f, 0x42, 0x40])), info), ...clusters);
}
const cluster = (time: number, offset: number): Buffer => join(Buffer.from("1f43b67501ffffffffffffff", "hex"), element("e7", u32(time)), element("a3", Buffer.from([0x81, offset >>> 8, offset, 0]), 20));
const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};

describe("the length of sound", () => {
  test.each<[string, Buffer, number]>([
    ["WAV", wave(2), 2],
    ["WAV whose head does not know", wave(2, { says: 0xffff_ffff }), 2],
    ["WAV whose head says less", wave(2, { says: 10 }), 2],
    ["FLAC", flac(44_100 * 3, 10_000), 3],
    ["Opus", opus(7, 4), 4],
    ["Opus after Opus", join(opus(7, 4), opus(7, 2), opus(8, 1)), 7],
    ["Vorbis", vorbis(5), 5],
    ["MP3", mp3(10), 10 * FRAME_S],
    ["MP3 with a tag before and words behind", join("ID3\x04\0\0", Buffer.from([0, 0, 1, 0]), 128, mp3(10), "TAG", 125), 10 * FRAME_S],
    ["MPEG of layer II, version 2", join(...Array.from({ length: 5 }, () => join(u32(0xfff54000), 205))), 5 * (1_152 / 22_050)],
    ["MP4", mp4({ film: 6 }), 6],
    ["MP4 whose track says more", mp4({ film: 1, track: 6 }), 6],
    ["MP4 whose samples say more", mp4({ film: 1, track: 1, samples: 480 }), (480 * 1_024) / 48_000],
    ["WebM", webm(element("4489", double(7_000))), 7],
    ["WebM that says nothing", webm(join(), cluster(0, 20), cluster(8_000, 500)), 9.5],
    ["WebM whose blocks say more", webm(element("4489", double(1_000)), cluster(8_000, 500)), 9.5],
  ])("is told by %s", (_, content, seconds) => {
    expect(soundSeconds(content)).toBeCloseTo(seconds, 6);
  });

  test.each<[string, Buffer]>([
    ["nothing", join()],
    ["another kind of file", join("#!AMR\n", 100)],
    ["WAV that is packed", wave(2, { format: 2 })],
    ["WAV whose rates differ", wave(2, { byteRate: 1_000_000 })],
    ["WAV without a format", join("RIFF", 4, "WAVEdata", 100)],
    ["WAV that breaks off", wave(2).subarray(0, 30)],
    ["FLAC that says nothing", flac(0, 100)],
    ["FLAC that says too little for its size", flac(10, 2_000_000)],
    ["Opus that says too little for its size", join(opus(7, 0), ...Array.from({ length: 200 }, () => oggPage(7, 400n, join(500))))],
    ["Ogg of something else", oggPage(1, 5n, join("\x80theora", 400), 2)],
    ["Ogg with something between its pages", join(opus(7, 4), "?", opus(8, 1))],
    ["MPEG with much that is none", join(mp3(1), 70_000)],
    ["MP4 in fragments", mp4({ film: 1, more: box("moof", 8) })],
    ["MP4 without a scale", join(box("ftyp", 4), box("moov", box("stts", 4, u32(1), u32(1), u32(1))))],
    ["MP4 whose samples are not there", join(box("ftyp", 4), box("moov", box("mdhd", 12, u32(1), u32(1)), box("stts", 4, u32(1_000_000))))],
    ["WebM that says nothing and has nothing", webm(join())],
  ])("is not told by %s", (_, content) => {
    expect(soundSeconds(content)).toBeUndefined();
  });

  test("is a number or none, whatever is in a file", () => {
    const sound = constantFrom(wave(1), flac(44_100, 100), opus(1, 1), mp3(4), mp4({ film: 1, samples: 3 }), webm(element("4489", double(1)), cluster(1, 1)));
    assert(property(sound, array(tuple(uint8Array({ minLength: 2, maxLength: 2 }), uint8Array({ minLength: 1, maxLength: 9 })), { maxLength: 4 }), (content, edits) => {
      const damaged = Buffer.from(content);
      for (const [[high = 0, low = 0], bytes] of edits) damaged.set(bytes.subarray(0, 1), (high * 256 + low) % damaged.length);
      expect(soundSeconds(damaged) ?? 1).toBeGreaterThan(0);
    }), { numRuns: 500 });
  });
});
