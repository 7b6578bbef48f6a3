import type { ResponseRequest } from "@alfred/contracts";
import { isObject, writeResponseRequest } from "@alfred/openai";
import { isOurs } from "../../responses/carried.ts";
import type { Json } from "../loose-json.ts";

/**
 * A request as it is sent to the API that it is written for: as it came, but for thoughts that nobody there can read. Nothing is
 * kept there, since what is would be the operator's.
 */
export function writeResponse(request: ResponseRequest, { model, stream }: { model: string; stream: boolean }): Json {
  const { drop_unsupported: _option, ...body } = writeResponseRequest({ ...request, store: false }, { model, stream });
  return Array.isArray(body["input"]) ? { ...body, input: body["input"].filter(isReadable) } : body;
}

/** Thoughts without their encrypted content are known by an id, and are kept for nobody; ours mean nothing there. */
function isReadable(item: unknown): boolean {
  if (!isObject(item) || item["type"] !== "reasoning") return true;
  const { encrypted_content: encrypted } = item;
  return typeof encrypted === "string" && !isOurs(encrypted);
}
