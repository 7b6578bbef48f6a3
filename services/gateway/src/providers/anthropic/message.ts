import { writeMessageRequest } from "@alfred/anthropic";
import type { MessageRequest } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import { type Json, listOf } from "../loose-json.ts";
import { namesFile } from "./content-part.ts";
import { Draft } from "./draft.ts";

/** Where clients keep what other providers' answers carry; this API refuses fields that it does not know. */
const CARRIED = "extra_content";

/** Fields that name what the operator's account keeps, and no client of ours owns. */
const KEPT = ["container"];

/**
 * A conversation as it is sent to the API that it is written for: as it came, but for what is not the client's to name, and
 * for what other providers' answers left in it.
 */
export function writeMessage(message: MessageRequest, { model, stream }: { model: string; stream: boolean }): Draft {
  const draft = new Draft();
  const { drop_unsupported: _option, ...body } = writeMessageRequest(message, { model, stream });
  Object.assign(draft.body, body, { messages: listOf(body["messages"]).map(cleaned) });
  for (const field of KEPT) {
    if ((draft.body[field] ?? null) !== null) draft.lacks(field);
    delete draft.body[field];
  }
  listOf(draft.body["messages"]).forEach((turn, index) => {
    if (namesFile(turn)) draft.lacks(`messages[${index}].content`);
  });
  return draft;
}

function cleaned(turn: unknown): unknown {
  if (!isObject(turn) || !Array.isArray(turn["content"])) return turn;
  return { ...turn, content: turn["content"].filter(isGenuine).map(withoutCarried) };
}

/** Thoughts that no provider signed mean nothing to this one, and are refused. */
function isGenuine(block: unknown): boolean {
  return !isObject(block) || block["type"] !== "thinking" || block["signature"] !== "";
}

function withoutCarried(block: unknown): unknown {
  if (!isObject(block) || block[CARRIED] === undefined) return block;
  const { [CARRIED]: _carried, ...rest } = block as Json;
  return rest;
}
