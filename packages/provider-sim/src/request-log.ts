import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { redactHeaders, redactPath } from "./redaction.ts";

/** Characters of a body that the log keeps; with a thousand entries this bounds its memory. */
const KEPT_BODY_CHARACTERS = 64 * 1024;

/** One request as the simulator saw it. It is filled in while the request is answered. */
export interface RequestRecord {
  /** Counts from 1 in order of arrival. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** The name of the API that it was spoken to in, as `openai`. */
  readonly dialect: string;
  readonly method: string;
  readonly path: string;
  /** Credentials are cut to their last four characters. */
  readonly headers: IncomingHttpHeaders;
  model: string | null;
  /** The body as it arrived, so that integers and key order survive; the first 64 Ki characters. */
  body: string;
  bodyTruncated: boolean;
  stream: boolean;
  /** Which attempt of the same request this is, from 1; counted only where `failFirst` is in force. */
  attempt: number;
  /** The fault that decided the answer, or null. */
  fault: string | null;
  /** HTTP status sent, or null when none was. */
  status: number | null;
  /** Frames of a stream handed to the socket, `[DONE]` and comments aside. */
  chunksSent: number;
  /** Whether the client went away before the answer was whole; then `chunksSent` says after how many frames. */
  clientDisconnected: boolean;
  /** Milliseconds since the epoch, or null while the answer is under way. */
  finishedAtMs: number | null;
}

interface Waiter {
  readonly matches: (record: RequestRecord) => boolean;
  readonly resolve: (record: RequestRecord) => void;
}

/** The most recent requests, oldest first. Bounded: the oldest leave when it is full. */
export class RequestLog implements Iterable<RequestRecord> {
  readonly #capacity: number;
  readonly #now: () => number;
  readonly #waiters = new Set<Waiter>();
  #records: RequestRecord[] = [];
  #sequence = 0;

  constructor(capacity: number, now: () => number) {
    this.#capacity = capacity;
    this.#now = now;
  }

  get length(): number {
    return this.entries().length;
  }

  /** The newest request, or undefined before the first. */
  get last(): RequestRecord | undefined {
    return this.#records.at(-1);
  }

  /** A copy of the log, oldest first. */
  entries(): RequestRecord[] {
    return this.#capacity === 0 ? [] : this.#records.slice(-this.#capacity);
  }

  [Symbol.iterator](): Iterator<RequestRecord> {
    return this.entries()[Symbol.iterator]();
  }

  clear(): void {
    this.#records = [];
  }

  /**
   * The first request, logged already or yet to come, that matches; it is asked at arrival, at each frame and at the end.
   * Rejects when the signal aborts, by default after 10 seconds.
   */
  waitFor(
    matches: (record: RequestRecord) => boolean,
    signal: AbortSignal = AbortSignal.timeout(10_000),
  ): Promise<RequestRecord> {
    const known = this.entries().find(matches);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const waiter = { matches, resolve };
      this.#waiters.add(waiter);
      const abandon = () => {
        if (this.#waiters.delete(waiter)) reject(new Error("No such request reached the provider simulator in time."));
      };
      if (signal.aborted) abandon();
      else signal.addEventListener("abort", abandon, { once: true });
    });
  }

  /** Starts the record of a request. */
  open(request: IncomingMessage, dialect: string): RequestRecord {
    this.#sequence += 1;
    const record: RequestRecord = {
      sequence: this.#sequence,
      startedAtMs: this.#now(),
      dialect,
      method: request.method ?? "",
      path: redactPath(request.url ?? ""),
      headers: redactHeaders(request.headers),
      model: null,
      body: "",
      bodyTruncated: false,
      stream: false,
      attempt: 1,
      fault: null,
      status: null,
      chunksSent: 0,
      clientDisconnected: false,
      finishedAtMs: null,
    };
    this.#keep(record);
    return record;
  }

  /** Puts the body on record. */
  recordBody(record: RequestRecord, body: string): void {
    record.bodyTruncated = body.length > KEPT_BODY_CHARACTERS;
    record.body = record.bodyTruncated ? body.slice(0, KEPT_BODY_CHARACTERS) : body;
    this.changed(record);
  }

  /** Puts the end of a request on record. */
  close(record: RequestRecord, clientDisconnected: boolean): void {
    record.clientDisconnected = clientDisconnected;
    record.finishedAtMs = this.#now();
    this.changed(record);
  }

  /** Tells those who wait that a record has changed. */
  changed(record: RequestRecord): void {
    for (const waiter of this.#waiters) {
      if (!waiter.matches(record)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(record);
    }
  }

  /** Trimming only at twice the capacity keeps the cost of a request constant. */
  #keep(record: RequestRecord): void {
    this.#records.push(record);
    if (this.#records.length > 2 * this.#capacity) this.#records = this.entries();
  }
}
