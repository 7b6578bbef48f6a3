import type { Http2Server, ServerHttp2Session } from "node:http2";
import { fail } from "@alfred/errors";
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from "@grpc/grpc-js";
import type { Metadata, sendUnaryData, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import type { BoundMethod } from "../call/implement.ts";
import { CONNECTION_WINDOW_BYTES, KEEPALIVE_TIME_MS, KEEPALIVE_TIMEOUT_MS, MAX_MESSAGE_BYTES } from "../call/limits.ts";
import { toWireStatus } from "../call/status.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { ListenError } from "./listen-error.ts";
import type { IncomingCall } from "./server-call.ts";
import { SocketStream } from "./socket-stream.ts";

// A connection is shared by all calls of a peer process, so this bounds a peer rather than a client.
const MAX_CONCURRENT_STREAMS = 4_096;

/** An empty grpc-js server with the limits of the house. */
export function socketServer(): Server {
  return new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_concurrent_streams": MAX_CONCURRENT_STREAMS,
    "grpc.keepalive_time_ms": KEEPALIVE_TIME_MS,
    "grpc.keepalive_timeout_ms": KEEPALIVE_TIMEOUT_MS,
    "grpc.enable_channelz": 0,
  });
}

/** Serves a method on the socket. Bytes go through as they are: the chain decodes and encodes, where it can answer for it. */
export function serveMethod(server: Server, method: BoundMethod, dispatcher: Dispatcher): void {
  const { path } = method.definition;
  if (method.definition.responseStream) {
    server.register(path, (call: StreamCall) => void serveStream(call, method, dispatcher), asIs, asIs, "serverStream");
  } else {
    const handle = (call: UnaryCall, answer: sendUnaryData<Buffer>): void => void serveUnary(call, answer, method, dispatcher);
    server.register(path, handle, asIs, asIs, "unary");
  }
}

type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
type StreamCall = ServerWritableStream<Buffer, Buffer>;

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

async function serveUnary(call: UnaryCall, answer: sendUnaryData<Buffer>, method: BoundMethod, to: Dispatcher): Promise<void> {
  let response: Buffer | undefined;
  const incoming = incomingCall(call, method, (message) => {
    response = encode(method, message);
    return undefined;
  });
  const failure = await to.dispatch(incoming, (cancel) => call.once("cancelled", cancel));
  if (failure === undefined) answer(null, response);
  else answer(toWireStatus(failure));
}

async function serveStream(call: StreamCall, method: BoundMethod, to: Dispatcher): Promise<void> {
  const stream = new SocketStream(call);
  const incoming = incomingCall(call, method, (message) => stream.write(encode(method, message)));
  const failure = await to.dispatch(incoming, (cancel) => call.once("cancelled", cancel));
  stream.end(failure);
}

function incomingCall(call: UnaryCall | StreamCall, method: BoundMethod, deliver: IncomingCall["deliver"]): IncomingCall {
  return {
    method,
    metadata: textMetadata(call.metadata),
    deadline: Number(call.getDeadline()),
    peer: call.getPeer(),
    readRequest: () => method.definition.requestDeserialize(call.request),
    deliver,
  };
}

function textMetadata(metadata: Metadata): ReadonlyMap<string, string> {
  const texts = Object.entries(metadata.getMap()).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return new Map(texts);
}

function encode(method: BoundMethod, message: unknown): Buffer {
  const bytes = method.definition.responseSerialize(message);
  if (bytes.length <= MAX_MESSAGE_BYTES) return bytes;
  throw fail("PAYLOAD_TOO_LARGE", `The answer is larger than the limit of ${MAX_MESSAGE_BYTES} bytes.`, {
    hint: "Ask for less at once.",
    metadata: { limit_bytes: String(MAX_MESSAGE_BYTES) },
  });
}

/**
 * Binds the server to an address; port 0 takes a free one.
 * @returns the port bound
 * @throws ListenError
 */
export async function bindSocket(server: Server, host: string, port: number): Promise<number> {
  // What goes wrong is thrown; the library would write it to standard error as well.
  setLogVerbosity(logVerbosity.NONE);
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, boundPort) => {
      if (error === null) resolve(boundPort);
      else reject(new ListenError(address, error));
    });
  });
  raiseWindows(server);
  return bound;
}

// grpc-js servers ignore `grpc-node.flow_control_window`, so the window is raised on their HTTP/2 sessions.
function raiseWindows(server: Server): void {
  const servers: unknown = Reflect.get(server, "http2Servers");
  if (!(servers instanceof Map)) throw new TypeError("This version of grpc-js does not show its HTTP/2 servers.");
  for (const http2Server of servers.keys() as MapIterator<Http2Server>) {
    http2Server.on("session", (session: ServerHttp2Session) => session.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
  }
}
