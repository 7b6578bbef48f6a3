import { setImmediate } from "node:timers/promises";
import { AlfredError, fail } from "@alfred/errors";
import type { Logger, MetricRegistry } from "@alfred/telemetry";
import type { Server } from "@grpc/grpc-js";
import type { BoundMethod, ServiceBinding } from "../call/implement.ts";
import type { Authenticator } from "../call/principal.ts";
import type { Transport } from "../call/transport.ts";
import { contractDescriptors } from "../contract/descriptors.ts";
import type { Descriptors } from "../contract/descriptors.ts";
import { callMetrics } from "./call-metrics.ts";
import { declaredAccess } from "./declared-access.ts";
import { compose, interceptorChain } from "./chain.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { Health } from "./health.ts";
import { InProcessTransport } from "./in-process.ts";
import type { Next } from "./interceptor.ts";
import type { DeadlineOptions } from "./interceptors/deadline.ts";
import { OpenCalls } from "./open-calls.ts";
import { serveReflection } from "./reflection.ts";
import { runHandler } from "./run-handler.ts";
import { ServerCall } from "./server-call.ts";
import type { IncomingCall } from "./server-call.ts";
import { bindSocket, serveMethod, socketServer } from "./socket-binding.ts";

/** What a server is made of. */
export interface RpcServerOptions {
  /** The service's name in its log: "wallet". */
  readonly name: string;
  readonly bindings: readonly ServiceBinding[];
  readonly authenticate: Authenticator;
  readonly log: Logger;
  /** Milliseconds since the epoch; the system's clock by default. */
  readonly now?: () => number;
  /** Defaults: 60 s for unary calls, 1 h for streams, 24 h at most. */
  readonly deadlines?: Partial<DeadlineOptions>;
  /** Unary calls that take at least as long are logged at info; default 1,000 ms. */
  readonly slowMs?: number;
  /** Where calls are counted; nowhere by default. */
  readonly registry?: MetricRegistry;
  /** How long open calls may go on when the server stops; default 10,000 ms. */
  readonly drainMs?: number;
  /** Where access options and reflection come from; the mesh's contract by default. */
  readonly descriptors?: Descriptors;
}

const DEADLINES: DeadlineOptions = { unaryDefaultMs: 60_000, streamDefaultMs: 3_600_000, maximumMs: 86_400_000 };
const DRAIN_MS = 10_000;
const FLUSH_MS = 500;
const SLOW_MS = 1_000;

/** Serves bindings on a socket and in process, through one chain, with health and reflection beside them. */
export class RpcServer implements Dispatcher, AsyncDisposable {
  /** The way in for callers of the same process; open from the start until the server is disposed of. */
  readonly transport: Transport;
  readonly #options: RpcServerOptions;
  readonly #run: Next;
  readonly #now: () => number;
  readonly #socket: Server;
  readonly #health: Health;
  readonly #calls = new OpenCalls();
  #isStopped = false;
  #closing: Promise<void> | undefined;

  /** @throws Error where a method states no role and scope, so that none can be forgotten */
  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const descriptors = options.descriptors ?? contractDescriptors();
    this.#health = new Health(options.bindings.map((binding) => binding.service));
    const bindings = [...options.bindings, this.#health.binding];
    this.#run = this.#chain(bindings, descriptors);
    const methods = bindings.flatMap((binding) => binding.methods);
    this.transport = new InProcessTransport(this, byPath(methods));
    this.#socket = socketServer();
    for (const method of methods) serveMethod(this.#socket, method, this);
    serveReflection(this.#socket, descriptors, bindings);
  }

  /**
   * Takes calls on an address; port 0 takes a free one. Health says SERVING once `setServing(true)` was called.
   * @returns the port
   * @throws ListenError
   */
  async listen(host: string, port: number): Promise<number> {
    return bindSocket(this.#socket, host, port);
  }

  /**
   * Sets what health answers; NOT_SERVING for good once the server stops. Calls are taken all the same: a service may
   * need its peers before it is ready.
   */
  setServing(isServing: boolean): void {
    this.#health.set(isServing && !this.#isStopped);
  }

  /** Runs a call through the chain; resolves with its failure, if it fails. */
  async dispatch(incoming: IncomingCall, cancellation: (cancel: () => void) => void): Promise<AlfredError | undefined> {
    if (this.#isStopped) return stopping();
    const call = new ServerCall(incoming, this.#options.log);
    cancellation(() => call.cancel(this.#now()));
    this.#calls.add(call);
    try {
      await this.#run(call);
      return undefined;
    } catch (error) {
      return error instanceof AlfredError ? error : fail("INTERNAL", "Something went wrong on our side.", { cause: error });
    } finally {
      call.finish();
      // A handler may outlive its call, to settle what it has begun; a server that stops waits for it.
      const forget = (): void => this.#calls.delete(call);
      call.running.then(forget, forget);
    }
  }

  /**
   * Stops: health says NOT_SERVING, no new calls, watches end so that their callers go elsewhere, open calls may
   * finish within `drainMs`, and what is left then is cut off. May be called more than once.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#health.set(false);
    this.#isStopped = true;
    const socketClosed = new Promise<void>((resolve) => this.#socket.tryShutdown(() => resolve()));
    // A turn later, so that those who watch health hear of it before their watch ends.
    await setImmediate();
    this.#calls.endWatches(stopping());
    if (!(await this.#calls.idle(this.#options.drainMs ?? DRAIN_MS))) this.#calls.endAll(stopping());
    // What is left now are answers under way, and peers that do not take theirs.
    const force = setTimeout(() => this.#socket.forceShutdown(), FLUSH_MS);
    await socketClosed.finally(() => clearTimeout(force));
  }

  #chain(bindings: readonly ServiceBinding[], descriptors: Descriptors): Next {
    const { log, slowMs = SLOW_MS, registry, authenticate, deadlines } = this.#options;
    const chain = interceptorChain({
      access: declaredAccess(bindings, descriptors),
      accessLog: { log, slowMs, observe: registry && callMetrics(registry) },
      authenticate,
      deadlines: { ...DEADLINES, ...deadlines },
      now: this.#now,
    });
    return compose(chain, runHandler);
  }
}

/** A server for these bindings; it takes calls once it listens, and in process at once. */
export function createServer(options: RpcServerOptions): RpcServer {
  return new RpcServer(options);
}

function byPath(methods: readonly BoundMethod[]): ReadonlyMap<string, BoundMethod> {
  return new Map(methods.map((method) => [method.definition.path, method]));
}

function stopping(): AlfredError {
  return fail("UNAVAILABLE", "This server is stopping.");
}
