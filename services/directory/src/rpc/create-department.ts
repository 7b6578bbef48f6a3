import { CreateDepartmentRequest, CreateDepartmentResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { createNode } from "./create-node.ts";

const RPC = { name: "CreateDepartment", request: CreateDepartmentRequest, response: CreateDepartmentResponse };

/** Makes a department. */
export function createDepartment(
  directory: Directory,
  request: CreateDepartmentRequest,
  call: CallContext,
): Promise<CreateDepartmentResponse> {
  return createNode(directory, { kind: "department", rpc: RPC }, request, call);
}
