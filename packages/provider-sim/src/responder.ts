import type { IncomingMessage, ServerResponse } from "node:http";
import type { Behaviour } from "./behaviour.ts";
import { requestBehaviour } from "./directives.ts";
import { createRouter } from "./endpoints.ts";
import type { Router } from "./endpoints.ts";
import { Exchange } from "./exchange.ts";
import { FaultGate, passOpeningFaults } from "./faults.ts";
import { sendReply } from "./json-reply.ts";
import type { SimMetrics } from "./metrics.ts";
import type { SimSettings } from "./options.ts";
import { seededRandom } from "./random.ts";
import { RequestRate } from "./rate-limit.ts";
import { readBody } from "./request-body.ts";
import type { RequestLog } from "./request-log.ts";
import { errorForStatus, SimError } from "./sim-error.ts";
import { sendStream } from "./stream-reply.ts";

/** Answers the requests of the OpenAI API, one `Exchange` each. */
export class Responder {
  /** What a request meets unless it asks for something else. */
  behaviour: Behaviour;
  readonly #settings: SimSettings;
  readonly #log: RequestLog;
  readonly #metrics: SimMetrics;
  readonly #rate: RequestRate;
  readonly #gate: FaultGate;
  readonly #route: Router;
  readonly #open = new Set<Exchange>();
  #whenIdle: (() => void) | undefined;

  constructor(settings: SimSettings, behaviour: Behaviour, log: RequestLog, metrics: SimMetrics) {
    this.behaviour = behaviour;
    this.#settings = settings;
    this.#log = log;
    this.#metrics = metrics;
    this.#rate = new RequestRate(settings.requestsPerMinute, settings.now);
    this.#gate = new FaultGate(seededRandom(settings.seed));
    this.#route = createRouter(settings.models, metrics);
  }

  /** Answers one request. Never rejects: what goes wrong is an answer too. */
  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new Exchange(request, response, this.#log, (closed) => this.#closed(closed));
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
    const { request, record } = exchange;
    const body = await readBody(request, this.#settings.maxBodyBytes);
    this.#log.recordBody(record, body);
    const endpoint = this.#route(record.method, pathOf(record.path));
    exchange.endpoint = endpoint.name;
    this.#admit(request);
    const prepared = endpoint.prepare(body);
    record.model = prepared.model;
    record.stream = prepared.stream;
    const asked = requestBehaviour(this.behaviour, request.headers, prepared.text);
    const behaviour = this.#gate.attempt(asked, exchange);
    if (record.fault !== null) this.#metrics.fault(record.fault);
    this.#log.changed(record);
    try {
      if (!(await passOpeningFaults(exchange, behaviour))) return;
      const createdS = Math.floor(this.#settings.now() / 1_000);
      const answer = prepared.answer(behaviour, { sequence: record.sequence, createdS });
      const headers = this.#headers(exchange);
      if (answer.kind === "stream" && !behaviour.nonJson) await sendStream(exchange, answer.frames, headers, behaviour);
      else await sendReply(exchange, { status: 200, body: answer.kind === "body" ? answer.json : "", headers }, behaviour);
    } catch (error) {
      await this.#fail(exchange, error, behaviour);
    }
  }

  #admit(request: IncomingMessage): void {
    checkKey(request, this.#settings.apiKeys);
    this.#rate.take();
    if (this.#open.size <= this.#settings.maxConcurrent) return;
    throw errorForStatus(429, "concurrency_limit_exceeded", { "Retry-After": "1" });
  }

  async #fail(exchange: Exchange, error: unknown, behaviour: Behaviour): Promise<void> {
    if (exchange.closed || exchange.request.errored || exchange.response.headersSent) return exchange.breakOff();
    const known = error instanceof SimError ? error : ownFault(error);
    const headers = { ...this.#headers(exchange), ...known.headers };
    await sendReply(exchange, { status: known.status, body: known.toJson(), headers }, behaviour);
  }

  /** OpenAI's own headers; `openai-processing-ms` says how long the simulator took. */
  #headers({ record }: Exchange): Record<string, string> {
    return {
      "x-request-id": `req_sim_${record.sequence}`,
      "openai-version": "2020-10-01",
      "openai-processing-ms": String(this.#settings.now() - record.startedAtMs),
      ...this.#rate.headers(),
    };
  }

  #closed(exchange: Exchange): void {
    const { status, chunksSent, clientDisconnected } = exchange.record;
    this.#open.delete(exchange);
    this.#metrics.finished(exchange.endpoint, status, chunksSent, clientDisconnected);
    if (this.#open.size === 0) this.#whenIdle?.();
  }
}

function pathOf(url: string): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

function checkKey(request: IncomingMessage, keys: ReadonlySet<string> | undefined): void {
  if (keys === undefined) return;
  const [, key] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (key !== undefined && keys.has(key)) return;
  const message = key === undefined ? "You did not provide an API key." : `Incorrect API key provided: ***${key.slice(-4)}.`;
  const code = key === undefined ? null : "invalid_api_key";
  throw new SimError(401, { message, type: "invalid_request_error", param: null, code });
}

/** A mistake of the simulator's own is told apart from a fault that was asked for. */
function ownFault(error: unknown): SimError {
  const message = `The provider simulator itself failed: ${error instanceof Error ? error.message : String(error)}`;
  return new SimError(500, { message, type: "server_error", param: null, code: "simulator_failed" });
}
