import type { IncomingHttpHeaders } from "node:http";
import type { Behaviour } from "./behaviour.ts";
import type { RateState } from "./rate-limit.ts";
import type { SimError } from "./sim-error.ts";

/** One HTTP request as a dialect sees it. */
export interface Call {
  readonly method: string;
  /** The path below the dialect's mount, without the query. */
  readonly path: string;
  /** The query with its question mark; empty where there is none. */
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as it came, for what is no text. */
  readonly bytes: Buffer;
}

/** One event of a stream: its data alone, or with the name that the provider gives it. */
type EventFrame = string | { readonly event: string; readonly data: string };

/** JSON that stands in a stream outside of any event, as some providers tell an error. */
interface LooseFrame {
  readonly loose: string;
}

export type Frame = EventFrame | LooseFrame;

/** What the simulator adds to an answer: its number, when it came in and is answered, and how far the limit is used up. */
export interface Stamp {
  /** Counts the simulator's requests from 1. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly nowMs: number;
  /** Undefined where there is no limit. */
  readonly rate: RateState | undefined;
}

/** Tokens that an answer is counted with in the metrics. */
interface SpentTokens {
  readonly prompt: number;
  readonly completion: number;
}

/** How a stream ends, and goes wrong, where that is not as the dialect has it. */
export type StreamWire = Pick<SimDialect, "done" | "brokenFrame" | "errorFrame">;

/** What is neither text nor JSON. */
export interface BytesReply {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** An answer before faults: one JSON body, bytes of another kind, or the frames of a stream. */
export type Answer = { readonly spent?: SpentTokens } & (
  | { readonly kind: "body"; readonly json: string }
  | ({ readonly kind: "bytes" } & BytesReply)
  | { readonly kind: "stream"; readonly frames: Iterable<Frame>; readonly wire?: StreamWire | undefined }
);

/** A valid request, ready to be answered. It depends on the request alone, so that it may be kept and answered again. */
export interface Prepared {
  /** The model asked for; one outside the simulator's list is refused. Null where the request names none. */
  readonly model: string | null;
  readonly stream: boolean;
  /** The text in which directives are looked for. */
  readonly text: string;
  answer(behaviour: Behaviour, stamp: Stamp): Answer;
}

/** One endpoint of a provider. */
export interface Endpoint {
  /** The name under which metrics count it: from a fixed set, never a caller's words. */
  readonly name: string;
  /** Validates a request. @throws SimError for what the provider would refuse */
  prepare(call: Call): Prepared;
}

/** An error in the provider's own form. */
export interface ErrorReply {
  readonly json: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * How one provider's API is spoken. What is answered is decided in `chat-answer.ts`, the same for all; a dialect reads
 * requests into a `ChatAsk`, and writes answers, frames and errors as its provider documents them.
 */
export interface SimDialect {
  /** For the log and the metrics. */
  readonly name: string;
  /** The first segment of its paths, as `/anthropic`; empty for the one that answers whatever no other is mounted for. */
  readonly mount: string;
  /** What follows the last frame of a whole stream; undefined where the provider just ends. */
  readonly done: string | undefined;
  /** A comment that the provider sends as long as a stream has not begun. */
  readonly waiting?: string | undefined;
  /** The beginning of a frame, its JSON broken off. */
  readonly brokenFrame: Frame;
  /** Finds the endpoint of a method and path. @throws SimError 404 or 405 */
  route(call: Call): Endpoint;
  /** Checks the credentials, and what else the provider wants of headers. @throws SimError */
  admit(call: Call, keys: ReadonlySet<string> | undefined): void;
  /** The provider's headers of every answer, errors included. */
  headers(stamp: Stamp): Record<string, string>;
  writeError(error: SimError, stamp: Stamp): ErrorReply;
  /**
   * An error in the midst of a stream.
   * @param sent how many frames stand before it
   */
  errorFrame(error: SimError, stamp: Stamp, sent: number): Frame;
}

/** What a dialect is made with. */
export interface DialectParts {
  /** Models that exist; undefined where any does. */
  readonly models: readonly string[] | undefined;
}
