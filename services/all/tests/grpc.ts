import { readFileSync } from "node:fs";
import { descriptorImageUrl } from "@alfred/contracts";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";

/** A method of the contract, found in its compiled image. */
export interface Method {
  readonly service: string;
  readonly name: string;
  readonly definition: MethodDefinition;
}

interface MethodDefinition {
  readonly path: string;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => object;
  readonly requestType: { readonly type: { readonly field: readonly { readonly name: string; readonly type: string; readonly label: string }[] } };
}

const OPTIONS = { keepCase: true, longs: String, enums: String, defaults: false, oneofs: true };
const SERVICES = ["GatewayService", "MeteringService", "WalletService", "DirectoryService", "ConfigService", "KeptObjectService", "AuditService"];

/** Every RPC of the contract. */
export function methods(): Method[] {
  const contract = loadFileDescriptorSetFromBuffer(readFileSync(descriptorImageUrl), OPTIONS);
  return SERVICES.flatMap((service) => {
    const found = contract[`alfred.v1.${service}`] as unknown as Record<string, MethodDefinition>;
    return Object.entries(found).map(([name, definition]) => ({ service, name, definition }));
  });
}

/** What a call came to: its messages, or its error. */
export interface Outcome {
  readonly messages: Record<string, unknown>[];
  readonly error?: ServiceError;
}

/** Calls a method as any gRPC client would; a stream is read until it is quiet for half a second. */
export async function call(address: string, { definition }: Method, request: object, key?: string): Promise<Outcome> {
  const client = new Client(address, credentials.createInsecure());
  const metadata = new Metadata();
  if (key !== undefined) metadata.set("authorization", `Bearer ${key}`);
  try {
    return await (definition.responseStream ? readStream(client, definition, request, metadata) : callUnary(client, definition, request, metadata));
  } finally {
    client.close();
  }
}

const TIMEOUT_MS = 20_000;

function callUnary(client: Client, method: MethodDefinition, request: object, metadata: Metadata): Promise<Outcome> {
  const options = { deadline: Date.now() + TIMEOUT_MS };
  return new Promise((resolve) => {
    client.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, request, metadata, options, (error, value) => {
      resolve(error === null ? { messages: [value as Record<string, unknown>] } : { messages: [], error });
    });
  });
}

function readStream(client: Client, method: MethodDefinition, request: object, metadata: Metadata): Promise<Outcome> {
  const messages: Record<string, unknown>[] = [];
  const stream = client.makeServerStreamRequest(method.path, method.requestSerialize, method.responseDeserialize, request, metadata, { deadline: Date.now() + TIMEOUT_MS });
  return new Promise((resolve) => {
    const quiet = setTimeout(() => stream.cancel(), 500);
    stream.on("data", (message: Record<string, unknown>) => {
      messages.push(message);
      quiet.refresh();
    });
    stream.on("error", (error: ServiceError) => resolve(error.details === "Cancelled on client" ? { messages } : { messages, error }));
    stream.on("end", () => resolve({ messages }));
  });
}

/** The RPC of that name. */
export function methodNamed(name: string): Method {
  const found = methods().find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`The contract has no RPC ${name}.`);
  return found;
}
