import { CreateTeamRequest, CreateTeamResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";

import type { Directory } from "../domain/ports.ts";
import { createNode } from "./create-node.ts";

const RPC = { name: "CreateTeam", request: CreateTeamRequest, response: CreateTeamResponse };

/** Makes a team. */
export function createTeam(
  directory: Directory,
  request: CreateTeamRequest,
  call: CallContext,
): Promise<CreateTeamResponse> {
  return createNode(directory, { kind: "team", rpc: RPC }, request, call);
}
