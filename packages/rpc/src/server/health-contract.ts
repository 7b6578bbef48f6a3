import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DescMessage, FileRegistry } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import type { MethodDefinition } from "../call/definition.ts";
import { once } from "../once.ts";

/** grpc.health.v1.HealthCheckResponse.ServingStatus */
export const ServingStatus = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;
/** One of them. */
export type ServingStatus = (typeof ServingStatus)[keyof typeof ServingStatus];

interface HealthCheckRequest {
  readonly service: string;
}
interface HealthCheckResponse {
  readonly status: ServingStatus;
}

// Source: grpc/health/v1/health.proto, the standard health checking protocol of gRPC.
function healthProto(): FileDescriptorProto {
  const response = ".grpc.health.v1.HealthCheckResponse";
  const io = { inputType: ".grpc.health.v1.HealthCheckRequest", outputType: response };
  const values = Object.entries(ServingStatus).map(([name, number]) => ({ name, number }));
  const field = { number: 1, label: Label.OPTIONAL };
  return create(FileDescriptorProtoSchema, {
    name: "grpc/health/v1/health.proto",
    package: "grpc.health.v1",
    syntax: "proto3",
    messageType: [
      { name: "HealthCheckRequest", field: [{ ...field, name: "service", jsonName: "service", type: Type.STRING }] },
      {
        name: "HealthCheckResponse",
        enumType: [{ name: "ServingStatus", value: values }],
        field: [{ ...field, name: "status", jsonName: "status", type: Type.ENUM, typeName: `${response}.ServingStatus` }],
      },
    ],
    service: [
      { name: "Health", method: [{ name: "Check", ...io }, { name: "Watch", ...io, serverStreaming: true }] },
    ],
  });
}

/** The file that describes the health service, for reflection. */
export function healthFile(): Uint8Array {
  return toBinary(FileDescriptorProtoSchema, healthProto());
}

interface Codec<Message> {
  encode(message: Message): Buffer;
  decode(bytes: Buffer): Message;
}

function codec<Message extends object>(registry: FileRegistry, name: string): Codec<Message> {
  const schema: DescMessage | undefined = registry.getMessage(`grpc.health.v1.${name}`);
  if (schema === undefined) throw new TypeError(`${name} is not in the health contract.`);
  return {
    encode: (message) => Buffer.from(toBinary(schema, create(schema, Object.fromEntries(Object.entries(message))))),
    decode: (bytes) => fromBinary(schema, bytes) as unknown as Message,
  };
}

type HealthMethod<Streams extends boolean> = MethodDefinition<HealthCheckRequest, HealthCheckResponse> & {
  readonly responseStream: Streams;
};

/** The health service as ts-proto would write it down. */
export type HealthService = { readonly check: HealthMethod<false>; readonly watch: HealthMethod<true> };

/** The definition of `grpc.health.v1.Health`, made on first use. */
export const healthService: () => HealthService = once(makeHealthService);

function makeHealthService(): HealthService {
  const registry = createFileRegistry(healthProto(), () => undefined);
  const request = codec<HealthCheckRequest>(registry, "HealthCheckRequest");
  const response = codec<HealthCheckResponse>(registry, "HealthCheckResponse");
  const codecs = {
    requestStream: false,
    requestSerialize: request.encode,
    requestDeserialize: request.decode,
    responseSerialize: response.encode,
    responseDeserialize: response.decode,
  };
  return {
    check: { path: "/grpc.health.v1.Health/Check", responseStream: false, ...codecs },
    watch: { path: "/grpc.health.v1.Health/Watch", responseStream: true, ...codecs },
  };
}
