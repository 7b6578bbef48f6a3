/** Numbers from 0 to 1 that a seed decides. */
export function seeded(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 0x9e3779b9) >>> 0;
  return () => {
    // A 32-bit generator by George Marsaglia, "Xorshift RNGs" (2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

type Random = () => number;
type Damage = (bytes: Buffer, random: Random) => Buffer;

const LONGEST_RANGE = 40;

const below = (random: Random, bound: number): number => Math.floor(random() * bound);
const range = (bytes: Buffer, random: Random): [from: number, to: number] => {
  const from = below(random, bytes.length);
  return [from, Math.min(bytes.length, from + 1 + below(random, LONGEST_RANGE))];
};
const inserted = (bytes: Buffer, at: number, what: string | Buffer): Buffer => Buffer.concat([bytes.subarray(0, at), Buffer.from(what), bytes.subarray(at)]);
const lineStart = (bytes: Buffer, random: Random): number => bytes.indexOf("\n", below(random, bytes.length)) + 1;

/** Ways in which a stream goes wrong, and some in which it does not. */
const DAMAGES: Readonly<Record<string, Damage>> = {
  "a bit flipped": (bytes, random) => {
    const at = below(random, bytes.length);
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ (1 << below(random, 8));
    return copy;
  },
  "a digit changed": (bytes, random) => {
    const copy = Buffer.from(bytes);
    const digits = [...copy.keys()].filter((at) => copy[at] !== undefined && copy[at] >= 0x30 && copy[at] <= 0x39);
    const at = digits[below(random, digits.length)];
    if (at !== undefined) copy[at] = 0x30 + below(random, 10);
    return copy;
  },
  "bytes dropped": (bytes, random) => {
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  "bytes doubled": (bytes, random) => {
    const [from, to] = range(bytes, random);
    return inserted(bytes, to, bytes.subarray(from, to));
  },
  "an event doubled": (bytes, random) => {
    const text = bytes.toString("latin1").split("\n\n");
    const at = below(random, text.length);
    return Buffer.from(text.toSpliced(at, 0, text[at] ?? "").join("\n\n"), "latin1");
  },
  "an event lost": (bytes, random) => {
    const text = bytes.toString("latin1").split("\n\n");
    return Buffer.from(text.toSpliced(below(random, text.length), 1).join("\n\n"), "latin1");
  },
  "carriage returns": (bytes) => Buffer.from(bytes.toString("latin1").replaceAll(/\r?\n/g, "\r\n"), "latin1"),
  "a comment": (bytes, random) => inserted(bytes, lineStart(bytes, random), ": still here\n"),
  "an empty event": (bytes, random) => inserted(bytes, lineStart(bytes, random), "\n"),
  "a zero byte": (bytes, random) => inserted(bytes, below(random, bytes.length), "\0"),
  "null for a value": (bytes, random) => {
    const text = bytes.toString("latin1");
    const values = [...text.matchAll(/:("[^"]*"|\d+|\{\}|\[\])/g)];
    const { index, 0: value } = values[below(random, values.length)] ?? { index: 0, 0: "" };
    return Buffer.from(`${text.slice(0, index)}:null${text.slice(index + value.length)}`, "latin1");
  },
};

const NAMES = Object.keys(DAMAGES);

/** What became of a stream. */
export interface Damaged {
  readonly bytes: Buffer;
  /** How, in words. */
  readonly how: string;
}

/** The bytes after one to three damages that the seed decides. */
export function damaged(bytes: Buffer, random: Random): Damaged {
  let result = bytes;
  const how: string[] = [];
  for (let left = 1 + below(random, 3); left > 0 && result.length > 0; left -= 1) {
    const name = NAMES[below(random, NAMES.length)] ?? "";
    result = DAMAGES[name]?.(result, random) ?? result;
    how.push(name);
  }
  return { bytes: result, how: how.join(", ") };
}

/** The bytes in up to four pieces. */
export function inPieces(bytes: Buffer, random: Random): Buffer[] {
  const cuts = Array.from({ length: below(random, 4) }, () => below(random, bytes.length + 1)).toSorted((one, other) => one - other);
  return [...cuts, bytes.length].map((end, at) => bytes.subarray(at === 0 ? 0 : cuts[at - 1], end)).filter((piece) => piece.length > 0);
}
