import { writeMessageRequest } from "@alfred/anthropic";
import type { MessageRequest } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import { CARRIED } from "../carried.ts";
import { listOf } from "../loose-json.ts";
import { namesKeptFile } from "../operator-file.ts";
import { Draft } from "./draft.ts";

/** Fields that name what the operator's account keeps, and no client of ours owns. */
const KEPT = ["container", "thread"];

/**
 * A conversation as it is sent to the API that it is written for: as it came, but for what is not the client's to name, and
 * for what other providers' answers left in it.
 */
export function writeMessage(message: MessageRequest, { model, stream }: { model: string; stream: boolean }): Draft {
  const draft = new Draft();
  const { drop_unsupported: _option, ...body } = writeMessageRequest(message, { model, stream });
  const messages = listOf(body["messages"]).map((turn, index) => writeTurn(turn, `messages[${index}]`, draft));
  Object.assign(draft.body, body, { messages });
  for (const field of KEPT) {
    if ((draft.body[field] ?? null) !== null) draft.lacks(field);
    delete draft.body[field];
  }
  return draft;
}

function writeTurn(turn: unknown, path: string, draft: Draft): unknown {
  if (!isObject(turn) || !Array.isArray(turn["content"])) return turn;
  const content = (turn["content"] as unknown[]).flatMap((block, index) => writeBlock(block, `${path}.content[${index}]`, draft));
  return { ...turn, content };
}

/** The block, or none where it is not to be sent. */
function writeBlock(block: unknown, path: string, draft: Draft): unknown[] {
  if (!isObject(block)) return [block];
  // Thoughts that no provider signed mean nothing to this one, and are refused.
  if (block["type"] === "thinking" && block["signature"] === "") return [];
  if (namesKeptFile(block)) {
    draft.lacks(path);
    return [];
  }
  const { [CARRIED]: _carried, ...rest } = block;
  return [rest];
}
