import { AlfredError, fail } from "@alfred/errors";
import type { ServerCall } from "./server-call.ts";

/** The end of the chain: reads the request, runs the handler and hands over what it answers. */
export async function runHandler(call: ServerCall): Promise<void> {
  const answer = call.method.handle(readRequest(call), call);
  if (call.method.definition.responseStream) return pump(call, answer);
  await call.incoming.deliver(message(call, await answer));
}

function readRequest(call: ServerCall): unknown {
  try {
    return call.incoming.readRequest();
  } catch (error) {
    if (error instanceof AlfredError) throw error;
    throw fail("INVALID_ARGUMENT", "The request is not the message that this method expects.", { cause: error });
  }
}

async function pump(call: ServerCall, answer: unknown): Promise<void> {
  if (!isAsyncIterable(answer)) throw new TypeError(`${call.method.definition.path} did not return an async iterable.`);
  const iterator = answer[Symbol.asyncIterator]();
  // An iterator that waits for its next item learns by this that nobody will take it.
  call.onEnd(() => stop(iterator));
  try {
    for (;;) {
      const step = await iterator.next();
      if (step.done === true || call.failure !== undefined) return;
      const room = call.incoming.deliver(message(call, step.value));
      if (room !== undefined) await room;
    }
  } catch (error) {
    stop(iterator);
    throw error;
  }
}

function stop(iterator: AsyncIterator<unknown>): void {
  iterator.return?.().then(undefined, () => undefined);
}

function message(call: ServerCall, value: unknown): object {
  if (typeof value === "object" && value !== null) return value;
  throw new TypeError(`${call.method.definition.path} answered ${String(value)} where a message is due.`);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
