import { CreateUserRequest, CreateUserResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { createNode } from "./create-node.ts";

const RPC = { name: "CreateUser", request: CreateUserRequest, response: CreateUserResponse };

/** Makes a user. */
export function createUser(
  directory: Directory,
  request: CreateUserRequest,
  call: CallContext,
): Promise<CreateUserResponse> {
  return createNode(directory, { kind: "user", rpc: RPC }, request, call);
}
