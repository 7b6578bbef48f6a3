import type { IncomingMessage, ServerResponse } from "node:http";
import type { Behaviour } from "./behaviour.ts";
import { sendBytes } from "./bytes-reply.ts";
import { requestBehaviour } from "./directives.ts";
import type { Call, Prepared, Stamp } from "./dialect.ts";
import { createDialects } from "./dialects.ts";
import type { DialectFinder } from "./dialects.ts";
import { Exchange } from "./exchange.ts";
import { FaultGate, passOpeningFaults } from "./faults.ts";
import { sendReply } from "./json-reply.ts";
import type { SimMetrics } from "./metrics.ts";
import type { SimSettings } from "./options.ts";
import { seededRandom } from "./random.ts";
import { RequestRate } from "./rate-limit.ts";
import { readBody } from "./request-body.ts";
import type { RequestLog } from "./request-log.ts";
import { SimError } from "./sim-error.ts";
import { sendStream } from "./stream-reply.ts";

/** Answers the requests of every provider's API, one `Exchange` each. */
export class Responder {
  /** What a request meets unless it asks for something else. */
  behaviour: Behaviour;
  readonly #settings: SimSettings;
  readonly #log: RequestLog;
  readonly #metrics: SimMetrics;
  readonly #rate: RequestRate;
  readonly #gate: FaultGate;
  readonly #dialects: DialectFinder;
  readonly #open = new Set<Exchange>();
  #whenIdle: (() => void) | undefined;

  constructor(settings: SimSettings, behaviour: Behaviour, log: RequestLog, metrics: SimMetrics) {
    this.behaviour = behaviour;
    this.#settings = settings;
    this.#log = log;
    this.#metrics = metrics;
    this.#rate = new RequestRate(settings.requestsPerMinute, settings.now);
    this.#gate = new FaultGate(seededRandom(settings.seed));
    this.#dialects = createDialects({ models: settings.models });
  }

  /** Answers one request. Never rejects: what goes wrong is an answer too. */
  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new Exchange(request, response, this.#dialects(request.url ?? "/"), this.#log, (closed) => this.#closed(closed));
    this.#open.add(exchange);
    this.#metrics.started();
    try {
      await this.#serve(exchange);
    } catch (error) {
      await this.#fail(exchange, error, {});
    }
  }

  /** Breaks answers that would never end, waits for the others, `timeoutMs` at most, and breaks what is left. */
  async settle(timeoutMs: number): Promise<void> {
    for (const exchange of this.#open) if (exchange.stalled) exchange.breakOff();
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#whenIdle = undefined;
    for (const exchange of this.#open) exchange.breakOff();
  }

  async #serve(exchange: Exchange): Promise<void> {
    const { request, record, dialect } = exchange;
    const call = readCall(exchange, await readBody(request, this.#settings.maxBodyBytes));
    this.#log.recordBody(record, call.body);
    const endpoint = dialect.route(call);
    exchange.endpoint = endpoint.name;
    dialect.admit(call, this.#settings.apiKeys);
    this.#admit();
    const prepared = endpoint.prepare(call);
    this.#requireModel(prepared.model);
    record.model = prepared.model;
    record.stream = prepared.stream;
    const asked = requestBehaviour(this.behaviour, request.headers, prepared.text);
    const behaviour = this.#gate.attempt(asked, exchange);
    if (record.fault !== null) this.#metrics.fault(record.fault);
    this.#log.changed(record);
    try {
      if (await passOpeningFaults(exchange, behaviour)) await this.#answer(exchange, prepared, behaviour);
    } catch (error) {
      await this.#fail(exchange, error, behaviour);
    }
  }

  async #answer(exchange: Exchange, prepared: Prepared, behaviour: Behaviour): Promise<void> {
    const stamp = this.#stamp(exchange);
    const answer = prepared.answer(behaviour, stamp);
    if (answer.spent !== undefined) this.#metrics.tokens(answer.spent.prompt, answer.spent.completion);
    const headers = exchange.dialect.headers(stamp);
    if (answer.kind === "stream" && !behaviour.nonJson) {
      return sendStream(exchange, answer.frames, { stamp, headers, wire: answer.wire ?? exchange.dialect }, behaviour);
    }
    if (answer.kind === "bytes" && !behaviour.nonJson) return sendBytes(exchange, answer, headers, behaviour);
    return sendReply(exchange, { status: 200, body: answer.kind === "body" ? answer.json : "", headers }, behaviour);
  }

  #admit(): void {
    this.#rate.take();
    if (this.#open.size <= this.#settings.maxConcurrent) return;
    throw new SimError(429, "concurrency", { code: "concurrency_limit_exceeded", retryAfterS: 1 });
  }

  #requireModel(model: string | null): void {
    const { models } = this.#settings;
    if (model === null || models === undefined || models.includes(model)) return;
    const message = `The model '${model}' does not exist or you do not have access to it.`;
    throw new SimError(404, "model", { message, code: "model_not_found" });
  }

  async #fail(exchange: Exchange, error: unknown, behaviour: Behaviour): Promise<void> {
    const { request, response, dialect } = exchange;
    if (exchange.closed || request.errored || response.headersSent) return exchange.breakOff();
    const known = error instanceof SimError ? error : ownFault(error);
    const stamp = this.#stamp(exchange, known);
    const { json, headers: own } = dialect.writeError(known, stamp);
    const headers = { ...dialect.headers(stamp), ...own, ...known.headers };
    await sendReply(exchange, { status: known.status, body: json, headers }, behaviour);
  }

  /** A 429 that was asked for shows a limit that is used up, whether there is one or not. */
  #stamp({ record }: Exchange, error?: SimError): Stamp {
    const isDemanded = error?.kind === "demanded" && error.status === 429;
    const rate = isDemanded ? { limit: 60, remaining: 0, resetMs: (error.retryAfterS ?? 1) * 1_000 } : this.#rate.state;
    return { sequence: record.sequence, startedAtMs: record.startedAtMs, nowMs: this.#settings.now(), rate };
  }

  #closed(exchange: Exchange): void {
    const { status, chunksSent, clientDisconnected } = exchange.record;
    this.#open.delete(exchange);
    this.#metrics.finished(exchange.dialect.name, exchange.endpoint, status, chunksSent, clientDisconnected);
    if (this.#open.size === 0) this.#whenIdle?.();
  }
}

function readCall({ request, dialect }: Exchange, bytes: Buffer): Call {
  const url = request.url ?? "/";
  const query = url.indexOf("?");
  const end = query < 0 ? url.length : query;
  return {
    method: request.method ?? "",
    path: url.slice(dialect.mount.length, end),
    search: url.slice(end),
    headers: request.headers,
    body: bytes.toString(),
    bytes,
  };
}

/** A mistake of the simulator's own is told apart from a fault that was asked for. */
function ownFault(error: unknown): SimError {
  const message = `The provider simulator itself failed: ${error instanceof Error ? error.message : String(error)}`;
  return new SimError(500, "simulator", { message, code: "simulator_failed" });
}
