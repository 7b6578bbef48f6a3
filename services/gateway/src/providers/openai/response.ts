import type { ResponseRequest } from "@alfred/contracts";
import { isObject, writeResponseRequest } from "@alfred/openai";
import { isOurs } from "../../responses/carried.ts";
import { isWhole } from "../../responses/kept.ts";
import type { Json } from "../loose-json.ts";

/**
 * A request as it is sent to the API that it is written for: as it came, but for thoughts that nobody there can read, and ids
 * of items that say what they are. References are by the provider's own ids, and proven to be the caller's.
 */
export function writeResponse(request: ResponseRequest, { model, stream }: { model: string; stream: boolean }): Json {
  const { drop_unsupported: _option, ...body } = writeResponseRequest(request, { model, stream });
  return Array.isArray(body["input"]) ? { ...body, input: body["input"].filter(isReadable).map(withoutId) } : body;
}

function withoutId(item: unknown): unknown {
  if (!isObject(item) || item["id"] === undefined || !isWhole(item["type"])) return item;
  const { id: _id, ...rest } = item;
  return rest;
}

/** Thoughts without their encrypted content are known by an id, which says nothing of whose they are; ours mean nothing there. */
function isReadable(item: unknown): boolean {
  if (!isObject(item) || item["type"] !== "reasoning") return true;
  const { encrypted_content: encrypted } = item;
  return typeof encrypted === "string" && !isOurs(encrypted);
}
