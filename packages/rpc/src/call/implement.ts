import type { CallContext } from "./context.ts";
import { methodOfPath, serviceOfPath } from "./definition.ts";
import type { MethodDefinition, RequestOf, ResponseOf, ServiceDefinition } from "./definition.ts";

/** The handler of one method: a promise, or an async iterable where the response streams. */
export type Handler<Method> = Method extends { responseStream: true }
  ? (request: RequestOf<Method>, context: CallContext) => AsyncIterable<ResponseOf<Method>>
  : (request: RequestOf<Method>, context: CallContext) => Promise<ResponseOf<Method>>;

/**
 * The handlers of a service. Requests and responses may be shared with the peer where both run in one process:
 * neither side changes a message after it was handed over.
 */
export type Handlers<Service> = { readonly [Name in keyof Service]: Handler<Service[Name]> };

/** A method and what answers it, its types behind it. */
export interface BoundMethod {
  readonly definition: MethodDefinition;
  readonly service: string;
  readonly name: string;
  /** A watch never ends by itself, so a server that stops ends it. */
  readonly isWatch: boolean;
  handle(request: unknown, context: CallContext): Promise<unknown> | AsyncIterable<unknown>;
}

/** A service and its handlers, ready for a server. */
export interface ServiceBinding {
  /** "alfred.v1.WalletService" */
  readonly service: string;
  readonly methods: readonly BoundMethod[];
  /** Whether anybody may call it without a key; only health is. */
  readonly open: boolean;
}

type AnyHandler = (request: unknown, context: CallContext) => Promise<unknown> | AsyncIterable<unknown>;

/**
 * Binds handlers to a service definition of ts-proto.
 * @throws TypeError where a method has no handler, or the client streams, which nothing here does
 */
export function implement<Service extends ServiceDefinition>(
  definition: Service,
  handlers: Handlers<NoInfer<Service>>,
  options: { readonly open?: boolean } = {},
): ServiceBinding {
  const methods = Object.entries(definition).map(([name, method]) => bind(handlers, name, method));
  const service = methods[0]?.service;
  if (service === undefined) throw new TypeError("A service without methods cannot be bound.");
  return { service, methods, open: options.open ?? false };
}

function bind<Service>(handlers: Handlers<Service>, name: string, definition: MethodDefinition): BoundMethod {
  const handler: unknown = Reflect.get(handlers, name);
  if (typeof handler !== "function") throw new TypeError(`${definition.path} has no handler.`);
  if (definition.requestStream) throw new TypeError(`${definition.path} streams requests, which is not served.`);
  const call = handler as AnyHandler;
  return {
    definition,
    service: serviceOfPath(definition.path),
    name: methodOfPath(definition.path),
    isWatch: definition.responseStream && methodOfPath(definition.path).startsWith("Watch"),
    handle: (request, context) => call.call(handlers, request, context),
  };
}
