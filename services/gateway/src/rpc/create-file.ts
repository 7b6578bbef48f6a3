import type { CreateFileRequest, CreateFileResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { visit } from "../exchange/visit.ts";
import { keepFile } from "../kept/files.ts";
import type { KeptParts } from "../kept/kept-parts.ts";
import { checkCall, checkFile } from "./validate.ts";

/** Has a provider keep a file. */
export async function createFile(parts: KeptParts, request: CreateFileRequest, context: CallContext): Promise<CreateFileResponse> {
  const asked = { call: checkCall(request.call), provider: request.provider, upload: checkFile(request.upload) };
  return visit(parts, context, (visitor) => keepFile(parts, visitor, asked));
}
