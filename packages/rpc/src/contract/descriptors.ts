import { readFileSync } from "node:fs";
import { Access, descriptorImageUrl } from "@alfred/contracts";
import { createFileRegistry, fromBinary, getOption, hasOption, toBinary } from "@bufbuild/protobuf";
import type { DescExtension, DescMethod, FileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { once } from "../once.ts";
import { methodOfPath, serviceOfPath } from "../call/definition.ts";
import { readHttpRules } from "./http-rule.ts";
import type { HttpRule } from "./http-rule.ts";

/** What the compiled contract says beyond the generated code: options, and descriptors for dynamic callers. */
export class Descriptors {
  /** All messages, enums, services and extensions; also what JSON mapping needs for `Any`. */
  readonly registry: FileRegistry;
  readonly #access: DescExtension | undefined;

  /** @param image a serialised `google.protobuf.FileDescriptorSet` with imports */
  constructor(image: Uint8Array) {
    this.registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
    this.#access = this.registry.getExtension("alfred.v1.access");
  }

  /** The method of "/package.Service/Method", undefined where the image has none. */
  method(path: string): DescMethod | undefined {
    const name = methodOfPath(path);
    return this.registry.getService(serviceOfPath(path))?.methods.find((method) => method.name === name);
  }

  /** The `(alfred.v1.access)` option of a method, undefined where it states none. */
  methodAccess(path: string): Access | undefined {
    const method = this.method(path);
    const option = this.#access;
    if (method === undefined || option?.message === undefined || !hasOption(method, option)) return undefined;
    return Access.decode(toBinary(option.message, getOption(method, option) as never));
  }

  /** The REST routes of all methods that have a `google.api.http` option, in the order of the contract. */
  httpRules(): readonly HttpRule[] {
    return readHttpRules(this.registry);
  }

  /** All files as serialised `FileDescriptorProto`s, imports first. */
  fileDescriptorProtos(): Buffer[] {
    return [...this.registry.files].map((file) => Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)));
  }
}

/** The contract of the mesh, read on first use (50 ms) and shared by all servers of the process. */
export const contractDescriptors: () => Descriptors = once(() => new Descriptors(readFileSync(descriptorImageUrl)));
