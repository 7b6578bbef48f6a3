import { fail } from "@alfred/errors";
import type { AlfredError } from "@alfred/errors";
import type { MethodDefinition } from "../call/definition.ts";
import type { BoundMethod } from "../call/implement.ts";
import { STREAM_QUEUE_MESSAGES } from "../call/limits.ts";
import { MessageQueue } from "../call/message-queue.ts";
import { RetryBudget } from "../call/retry-budget.ts";
import { onAnyAbort } from "../call/transport.ts";
import type { OutgoingCall, Transport } from "../call/transport.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { IncomingCall } from "./server-call.ts";

/** The way to a server in the same process: the same chain, without a socket and without serialisation. */
export class InProcessTransport implements Transport {
  readonly serialises = false;
  readonly retries = new RetryBudget();
  readonly #dispatcher: Dispatcher;
  readonly #methods: ReadonlyMap<string, BoundMethod>;

  constructor(dispatcher: Dispatcher, methods: ReadonlyMap<string, BoundMethod>) {
    this.#dispatcher = dispatcher;
    this.#methods = methods;
  }

  async unary(definition: MethodDefinition, request: unknown, call: OutgoingCall): Promise<unknown> {
    let response: unknown;
    const failure = await this.#run(definition, request, call, (message) => {
      response = message;
      return undefined;
    });
    if (failure !== undefined) throw failure;
    return response;
  }

  stream(definition: MethodDefinition, request: unknown, call: OutgoingCall): AsyncIterable<unknown> {
    const queue = new MessageQueue<object>(STREAM_QUEUE_MESSAGES);
    const left = new AbortController();
    queue.onReturn = () => left.abort();
    const watched = { ...call, signals: [...call.signals, left.signal] };
    const deliver = (message: unknown): Promise<void> | undefined => queue.push(message as object);
    this.#run(definition, request, watched, deliver).then(
      (failure) => (failure === undefined ? queue.end() : queue.fail(failure)),
      (error: unknown) => queue.fail(error),
    );
    return queue;
  }

  async #run(
    definition: MethodDefinition,
    request: unknown,
    call: OutgoingCall,
    deliver: IncomingCall["deliver"],
  ): Promise<AlfredError | undefined> {
    const method = this.#methods.get(definition.path);
    if (method === undefined) throw fail("INTERNAL", `${definition.path} is not served here.`);
    const incoming: IncomingCall = {
      method,
      metadata: new Map(Object.entries(call.metadata)),
      deadline: call.deadline,
      peer: "in-process",
      readRequest: () => request,
      deliver,
    };
    let forget: (() => void) | undefined;
    try {
      return await this.#dispatcher.dispatch(incoming, (cancel) => (forget = onAnyAbort(call.signals, cancel)));
    } finally {
      forget?.();
    }
  }
}
