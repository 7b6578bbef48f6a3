import { type Client, type Metadata, type StatusObject, status as codes } from "@grpc/grpc-js";
import { fail } from "@alfred/errors";
import type { MethodDefinition } from "../call/definition.ts";
import { fromWireStatus } from "../call/status.ts";
import { onAnyAbort } from "../call/transport.ts";
import type { OutgoingCall } from "../call/transport.ts";

/**
 * A call on a socket that one message answers. As `wireStream` it stands on the library's channel: the library's own calls each
 * note the stack that they are made on, and cross interceptors that we have none of.
 */
export async function wireUnary(client: Client, method: MethodDefinition, request: unknown, metadata: Metadata, call: OutgoingCall): Promise<unknown> {
  // First, since what cannot be written must leave no call open.
  const bytes = sound(() => method.requestSerialize(request), `A request of ${method.path} cannot be written.`);
  const wire = client.getChannel().createCall(method.path, call.deadline, null, null, null);
  const forget = onAnyAbort(call.signals, () => wire.cancelWithStatus(codes.CANCELLED, "The caller ended the call."));
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  let received: Buffer | undefined;
  wire.start(metadata, {
    onReceiveMetadata: () => undefined,
    onReceiveMessage: (message: Buffer) => (received = message),
    onReceiveStatus: (status: StatusObject) => {
      forget();
      if (status.code === codes.OK) resolve(received);
      else reject(fromWireStatus(status, method.path));
    },
  });
  wire.sendMessageWithContext({}, bytes);
  wire.halfClose();
  wire.startRead();
  const answer = await promise;
  if (answer === undefined) throw fail("INTERNAL", `${method.path} was answered by no message.`);
  return sound(() => method.responseDeserialize(answer), `An answer of ${method.path} cannot be read.`);
}

/** @throws AlfredError INTERNAL that says this, where it cannot be made */
function sound<Made>(make: () => Made, otherwise: string): Made {
  try {
    return make();
  } catch (cause) {
    throw fail("INTERNAL", otherwise, { cause });
  }
}
