import type { MethodDefinition, RequestOf, ResponseOf, ServiceDefinition } from "../call/definition.ts";
import type { OutgoingCall, Transport } from "../call/transport.ts";
import { outgoingCall } from "./call-options.ts";
import type { CallOptions, ClientDefaults } from "./call-options.ts";
import { mayRetry } from "./retry.ts";
import { RetriedStream } from "./retried-stream.ts";

type ClientMethod<Method> = Method extends { responseStream: true }
  ? (request: RequestOf<Method>, options?: CallOptions) => AsyncIterable<ResponseOf<Method>>
  : (request: RequestOf<Method>, options?: CallOptions) => Promise<ResponseOf<Method>>;

/**
 * The methods of a service as functions. Every failure is an AlfredError. A stream starts when its first message is
 * asked for, and leaving the iteration cancels it.
 */
export type Client<Service> = { readonly [Name in keyof Service]: ClientMethod<Service[Name]> };

/** A client of a service, over whatever way leads to it. UNAVAILABLE is retried where it came soon and nothing else was received. */
export function createClient<Service extends ServiceDefinition>(
  definition: Service,
  transport: Transport,
  defaults: ClientDefaults = {},
): Client<Service> {
  const caller = new Caller(transport, defaults);
  const methods = Object.entries(definition).map(([name, method]) => [name, caller.method(method)] as const);
  return Object.fromEntries(methods) as unknown as Client<Service>;
}

/** Makes calls over one transport. */
export class Caller {
  readonly #transport: Transport;
  readonly #defaults: ClientDefaults;

  constructor(transport: Transport, defaults: ClientDefaults) {
    this.#transport = transport;
    this.#defaults = defaults;
  }

  /** The method as a function. */
  method(method: MethodDefinition): (request: unknown, options?: CallOptions) => unknown {
    if (method.responseStream) return (request, options = {}) => this.stream(method, request, options);
    return (request, options = {}) => this.unary(method, request, options);
  }

  async unary(method: MethodDefinition, request: unknown, options: CallOptions): Promise<unknown> {
    const call = outgoingCall(options, this.#defaults, false);
    for (let number = 1; ; number += 1) {
      const attempt = { number, startMs: Date.now() };
      try {
        const response = await this.#transport.unary(method, request, call);
        this.#transport.retries.succeeded();
        return response;
      } catch (error) {
        if (options.retry === false || !(await mayRetry(error, attempt, call, this.#transport.retries))) throw error;
      }
    }
  }

  stream(method: MethodDefinition, request: unknown, options: CallOptions): AsyncIterableIterator<unknown, undefined> {
    const transport = this.#transport;
    let begun: OutgoingCall | undefined;
    const call = (): OutgoingCall => (begun ??= outgoingCall(options, this.#defaults, true));
    return new RetriedStream(() => transport.stream(method, request, call())[Symbol.asyncIterator](), {
      mayRetry: async (error, attempt) => options.retry !== false && mayRetry(error, attempt, call(), transport.retries),
      succeeded: () => transport.retries.succeeded(),
    });
  }
}
