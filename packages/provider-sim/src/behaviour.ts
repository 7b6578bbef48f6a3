/**
 * What one request meets: delays, the shape of its answer, and faults. Every field can be a server option, a request
 * header (`x-sim-delay-ms`) or a directive inside the last user message (`[[sim: delay_ms=500]]`); the directive wins
 * over the header and the header over the option. A "frame" is one `data:` event of a stream, the role frame being the first.
 */
export interface Behaviour {
  /** Milliseconds before the first byte, headers included. */
  readonly delayMs?: number;
  /** Milliseconds between the headers of a stream and its first frame. */
  readonly firstChunkDelayMs?: number;
  /** Milliseconds between the frames of a stream. */
  readonly chunkDelayMs?: number;

  /** Exact number of content tokens to answer with, before the caller's own limit. */
  readonly tokens?: number;
  /** Reasoning tokens that each choice spends before its content. */
  readonly reasoningTokens?: number;
  /** Hides what the model thought where its provider has a form for hidden thoughts. */
  readonly redactReasoning?: boolean;
  /** Prompt tokens reported as cached, at most all of them. */
  readonly cachedTokens?: number;
  /** Prompt tokens reported as written to the cache, at most those that are not read from it. */
  readonly cacheWriteTokens?: number;
  /** Number of tools to call, of those that the request declares. */
  readonly toolCalls?: number;
  /** What is wrong with the arguments of tool calls: there are none, or their JSON breaks off. */
  readonly toolArguments?: "empty" | "broken";
  /** Answers as long as it likes, whatever limit the request names. */
  readonly ignoreLimit?: boolean;
  /** Answers with a refusal in place of content. */
  readonly refusal?: boolean;
  /** Adds unknown fields, a 64-bit integer and nulls to every object of the answer. */
  readonly extras?: boolean;

  /** HTTP status of an error; alone it fails every attempt, with `failFirst` or `errorRate` only those. */
  readonly status?: number;
  /** `code` of that error's object, for example `insufficient_quota`. */
  readonly errorCode?: string;
  /** Seconds in the error's `Retry-After`; a 429 has one in any case. */
  readonly retryAfterS?: number;
  /** Share of attempts that fail, 0 to 1, drawn from the seeded generator. */
  readonly errorRate?: number;
  /** Fails this many first attempts of the same request. */
  readonly failFirst?: number;
  /** Which request an attempt belongs to; without it the body says so. */
  readonly failKey?: string;

  /** Never answers; the connection stays open. */
  readonly stall?: boolean;
  /** Resets the connection (TCP RST) in place of an answer. */
  readonly reset?: boolean;
  /** Falls silent for ever after this many frames. */
  readonly stallAfter?: number;
  /** Breaks the connection after this many frames, or half-way through a JSON body. */
  readonly cutAfter?: number;
  /** Ends the stream after this many frames with a correct HTTP end, but no more frames and no `[DONE]`. */
  readonly truncateAfter?: number;
  /** Sends an error frame after this many frames and ends. */
  readonly errorAfter?: number;
  /** Sends a frame of broken JSON after this many frames and goes on; a JSON body loses its end. */
  readonly malformedAfter?: number;
  /** Bytes of padding in one frame of a stream, or in a JSON body. */
  readonly oversizedBytes?: number;

  /** Reports no usage, asked or not. */
  readonly noUsage?: boolean;
  /** Reports usage whose counts are all zero. */
  readonly usageZero?: boolean;
  /** Ends a stream without `data: [DONE]`. */
  readonly noDone?: boolean;
  /** Answers with an HTML page, under the status asked for or 200. */
  readonly nonJson?: boolean;
  /** Writes the body in pieces of this many bytes, each a TCP write of its own. */
  readonly splitBytes?: number;
  /** Ends the lines of a stream with CRLF. */
  readonly crlf?: boolean;
  /** Puts comment lines between and inside the events of a stream. */
  readonly comments?: boolean;
}

export type BehaviourField = keyof Behaviour;

type Parser<T> = (text: string) => T;

/** Thrown by a parser with what was expected, and reported to the caller by `parseField`. */
class UnreadableValue extends Error {}

function whole(most: number, least = 0): Parser<number> {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new UnreadableValue(`a whole number from ${least} to ${most}`);
  };
}

const share: Parser<number> = (text) => {
  const value = Number(text);
  if (text !== "" && value >= 0 && value <= 1) return value;
  throw new UnreadableValue("a number from 0 to 1");
};

const flag: Parser<boolean> = (text) => {
  if (["", "1", "true"].includes(text)) return true;
  if (["0", "false"].includes(text)) return false;
  throw new UnreadableValue("1 or 0");
};

const word: Parser<string> = (text) => {
  if (/^[\w.:-]{1,128}$/.test(text)) return text;
  throw new UnreadableValue("up to 128 letters, digits and _ . : -");
};

function oneOf<T extends string>(...words: readonly T[]): Parser<T> {
  return (text) => {
    const found = words.find((each) => each === text);
    if (found !== undefined) return found;
    throw new UnreadableValue(words.join(" or "));
  };
}

const MOST_MS = 600_000;
const MOST_FRAMES = 1_000_000;
const frames = whole(MOST_FRAMES);

type Values = Required<Behaviour>;

const PARSERS: { readonly [F in keyof Values]: Parser<Values[F]> } = {
  delayMs: whole(MOST_MS),
  firstChunkDelayMs: whole(MOST_MS),
  chunkDelayMs: whole(MOST_MS),
  tokens: whole(100_000),
  reasoningTokens: whole(1_000_000),
  redactReasoning: flag,
  cachedTokens: whole(100_000_000),
  cacheWriteTokens: whole(100_000_000),
  toolCalls: whole(128),
  toolArguments: oneOf("empty", "broken"),
  ignoreLimit: flag,
  refusal: flag,
  extras: flag,
  status: whole(599, 400),
  errorCode: word,
  retryAfterS: whole(86_400),
  errorRate: share,
  failFirst: whole(1_000),
  failKey: word,
  stall: flag,
  reset: flag,
  stallAfter: frames,
  cutAfter: frames,
  truncateAfter: frames,
  errorAfter: frames,
  malformedAfter: frames,
  oversizedBytes: whole(64 * 1024 * 1024),
  noUsage: flag,
  usageZero: flag,
  noDone: flag,
  nonJson: flag,
  splitBytes: whole(1_000_000, 1),
  crlf: flag,
  comments: flag,
};

const FIELDS_BY_DIRECTIVE: ReadonlyMap<string, BehaviourField> = new Map(
  (Object.keys(PARSERS) as BehaviourField[]).map((field) => [
    field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    field,
  ]),
);

type Draft = { -readonly [F in keyof Values]?: Values[F] };

function assign<F extends keyof Values>(draft: Pick<Draft, F>, field: F, text: string): void {
  draft[field] = PARSERS[field](text);
}

/** The names of all directives, in the order of the table. */
export function directiveNames(): string[] {
  return [...FIELDS_BY_DIRECTIVE.keys()];
}

/**
 * Reads `name = text` pairs, names as in a directive (`delay_ms`), over a base. A name that is not known or a value that
 * cannot be read throws an `Error` whose message says which and what was expected.
 */
export function behaviourFrom(pairs: Iterable<readonly [string, string]>, base: Behaviour = {}): Behaviour {
  const draft: Draft = { ...base };
  for (const [name, text] of pairs) {
    const field = FIELDS_BY_DIRECTIVE.get(name);
    if (field === undefined) throw new Error(`Unknown simulator directive '${name}'.`);
    try {
      assign(draft, field, text);
    } catch (error) {
      if (!(error instanceof UnreadableValue)) throw error;
      throw new Error(`Simulator directive '${name}' takes ${error.message}, not '${text}'.`, { cause: error });
    }
  }
  return draft;
}
