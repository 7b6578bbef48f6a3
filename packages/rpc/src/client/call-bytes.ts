import { fail } from "@alfred/errors";
import type { MethodDefinition, ServiceDefinition } from "../call/definition.ts";
import type { Transport } from "../call/transport.ts";
import type { CallOptions } from "./call-options.ts";
import { Caller } from "./client.ts";

/**
 * Calls a method with a request that is bytes already and gives the response as bytes, for REST transcoding and
 * proxies: a promise, or an async iterable where the response streams.
 * @param methodName the name in camel case, as in the definition
 * @throws AlfredError as every client; INVALID_ARGUMENT for bytes that are not the request's
 */
export function callBytes(
  definition: ServiceDefinition,
  methodName: string,
  transport: Transport,
  request: Uint8Array,
  options: CallOptions = {},
): Promise<Uint8Array> | AsyncIterable<Uint8Array> {
  const method = definition[methodName];
  if (method === undefined) throw new TypeError(`The service has no method ${methodName}.`);
  const caller = new Caller(transport, {});
  if (method.responseStream) return bytesOfStream(caller, method, transport.serialises, request, options);
  return bytesOfUnary(caller, method, transport.serialises, request, options);
}

async function bytesOfUnary(
  caller: Caller,
  method: MethodDefinition,
  serialises: boolean,
  request: Uint8Array,
  options: CallOptions,
): Promise<Uint8Array> {
  if (serialises) return (await caller.unary(passThrough(method), asBuffer(request), options)) as Uint8Array;
  return method.responseSerialize(await caller.unary(method, read(method, request), options));
}

async function* bytesOfStream(
  caller: Caller,
  method: MethodDefinition,
  serialises: boolean,
  request: Uint8Array,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  if (serialises) {
    yield* caller.stream(passThrough(method), asBuffer(request), options) as AsyncIterable<Uint8Array>;
    return;
  }
  for await (const message of caller.stream(method, read(method, request), options)) yield method.responseSerialize(message);
}

// Where messages cross as bytes anyway, they need not be read in between.
function passThrough({ path, requestStream, responseStream }: MethodDefinition): MethodDefinition {
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: (bytes) => bytes as Buffer,
    requestDeserialize: asIs,
    responseSerialize: (bytes) => bytes as Buffer,
    responseDeserialize: asIs,
  };
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

function read(method: MethodDefinition, request: Uint8Array): unknown {
  try {
    return method.requestDeserialize(asBuffer(request));
  } catch (cause) {
    throw fail("INVALID_ARGUMENT", "The request is not the message that this method expects.", { cause });
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
