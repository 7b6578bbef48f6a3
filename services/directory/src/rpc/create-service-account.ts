import { CreateServiceAccountRequest, CreateServiceAccountResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { createNode } from "./create-node.ts";

const RPC = {
  name: "CreateServiceAccount",
  request: CreateServiceAccountRequest,
  response: CreateServiceAccountResponse,
};

/** Makes a service account. */
export function createServiceAccount(
  directory: Directory,
  request: CreateServiceAccountRequest,
  call: CallContext,
): Promise<CreateServiceAccountResponse> {
  return createNode(directory, { kind: "service_account", rpc: RPC }, request, call);
}
