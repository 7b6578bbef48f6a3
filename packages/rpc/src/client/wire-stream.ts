import { type Client, type Metadata, type StatusObject, status as codes } from "@grpc/grpc-js";
import { fail } from "@alfred/errors";
import type { MethodDefinition } from "../call/definition.ts";
import { STREAM_QUEUE_MESSAGES } from "../call/limits.ts";
import { MessageQueue } from "../call/message-queue.ts";
import { fromWireStatus } from "../call/status.ts";
import { onAnyAbort } from "../call/transport.ts";
import type { OutgoingCall } from "../call/transport.ts";

/**
 * Messages that may wait here: twice what waits elsewhere, since a failure overtakes what the library has not handed over.
 */
const QUEUE_MESSAGES = 2 * STREAM_QUEUE_MESSAGES;

/**
 * A streaming call on a socket, its messages in a bounded queue. It stands on the library's channel, not on its stream of
 * objects: each message is asked for when there is room for it, and crosses neither a stream nor interceptors that we have none of.
 */
export function wireStream(client: Client, method: MethodDefinition, request: unknown, metadata: Metadata, call: OutgoingCall): MessageQueue<object> {
  const queue = new MessageQueue<object>(QUEUE_MESSAGES);
  // First, since what cannot be written must leave no call open.
  const bytes = method.requestSerialize(request);
  const wire = client.getChannel().createCall(method.path, call.deadline, null, null, null);
  const cancel = (): void => wire.cancelWithStatus(codes.CANCELLED, "The caller ended the call.");
  const forget = onAnyAbort(call.signals, cancel);
  queue.onRoom = () => wire.startRead();
  queue.onReturn = () => {
    forget();
    cancel();
  };
  let unreadable: unknown;
  wire.start(metadata, {
    onReceiveMetadata: () => undefined,
    onReceiveMessage: (answer: Buffer) => {
      try {
        if (queue.push(method.responseDeserialize(answer) as object) === undefined) wire.startRead();
      } catch (error) {
        unreadable = error;
        cancel();
      }
    },
    onReceiveStatus: (status: StatusObject) => {
      forget();
      if (unreadable !== undefined) queue.fail(fail("INTERNAL", `An answer of ${method.path} cannot be read.`, { cause: unreadable }));
      else if (status.code === codes.OK) queue.end();
      else queue.fail(fromWireStatus(status, method.path));
    },
  });
  wire.sendMessageWithContext({}, bytes);
  wire.halfClose();
  wire.startRead();
  return queue;
}
