import type { Server } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import type { ServiceBinding } from "../call/implement.ts";
import type { Descriptors } from "../contract/descriptors.ts";
import { healthFile } from "./health-contract.ts";

/** Serves grpc.reflection.v1 and v1alpha for these services, to anybody: it tells no more than the contract does. */
export function serveReflection(server: Server, descriptors: Descriptors, bindings: readonly ServiceBinding[]): void {
  const services = bindings.map((binding) => binding.service);
  // All files, as clients look up google.rpc.ErrorInfo, which no service names, to show an error.
  const fileDescriptorProtos = [...descriptors.fileDescriptorProtos(), Buffer.from(healthFile())];
  // Fed with the files themselves: what @grpc/proto-loader makes of them breaks on some well-known types.
  const image = { format: "Protocol Buffer 3 DescriptorProto" as const, type: {}, fileDescriptorProtos };
  new ReflectionService({ image }, { services }).addToServer(server);
}
