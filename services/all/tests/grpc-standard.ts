import { fromJSON } from "@grpc/proto-loader";
import type { MethodDefinition } from "@grpc/grpc-js";

const message = (fields: Record<string, [string, number]>): object => ({
  fields: Object.fromEntries(Object.entries(fields).map(([name, [type, id]]) => [name, { type, id }])),
});

/** The parts of grpc.health.v1 and grpc.reflection.v1 that a client needs, as those protocols define them. */
const STANDARD = fromJSON(
  {
    nested: {
      "grpc.health.v1": {
        nested: {
          HealthCheckRequest: message({ service: ["string", 1] }),
          HealthCheckResponse: { ...message({ status: ["Status", 1] }), nested: { Status: { values: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2 } } } },
          Health: { methods: { Check: { comment: "", requestType: "HealthCheckRequest", responseType: "HealthCheckResponse" } } },
        },
      },
      "grpc.reflection.v1": {
        nested: {
          ServerReflectionRequest: message({ list_services: ["string", 7] }),
          ServiceResponse: message({ name: ["string", 1] }),
          ListServiceResponse: { fields: { service: { rule: "repeated", type: "ServiceResponse", id: 1 } } },
          ServerReflectionResponse: message({ list_services_response: ["ListServiceResponse", 6] }),
          ServerReflection: {
            methods: {
              ServerReflectionInfo: { comment: "", requestType: "ServerReflectionRequest", requestStream: true, responseType: "ServerReflectionResponse", responseStream: true },
            },
          },
        },
      },
    },
  },
  { keepCase: true, enums: String, defaults: false },
);

type Standard<Request, Response> = MethodDefinition<Request, Response>;

/** `grpc.health.v1.Health/Check`. */
export const healthCheck = method<{ service?: string }, { status: string }>("grpc.health.v1.Health", "Check");

/** What reflection answers to `list_services`. */
export interface ServicesListed {
  readonly list_services_response: { readonly service: readonly { readonly name: string }[] };
}

/** `grpc.reflection.v1.ServerReflection/ServerReflectionInfo`, as far as it lists services. */
export const reflection = method<{ list_services: string }, ServicesListed>(
  "grpc.reflection.v1.ServerReflection",
  "ServerReflectionInfo",
);

function method<Request, Response>(service: string, name: string): Standard<Request, Response> {
  return (STANDARD[service] as unknown as Record<string, Standard<Request, Response>>)[name] as Standard<Request, Response>;
}
