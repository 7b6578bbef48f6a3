import { isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { blocksOf, textOf } from "./chat-message.ts";
import type { CohereMessage } from "./chat-message.ts";
import { knownObject, oneOf, optionalList, refused } from "./strict-fields.ts";

const OPTION_FIELDS = new Set(["mode"]);
const DOCUMENT_FIELDS = new Set(["id", "data"]);
const MODES = ["ENABLED", "DISABLED", "FAST", "ACCURATE", "OFF"] as const;

/** A source as a citation names it: a document, or what a tool gave. */
export type CitedSource =
  | { readonly type: "document"; readonly id: string; readonly document: JsonObject }
  | { readonly type: "tool"; readonly id: string; readonly tool_output: JsonObject };

/** One citation of the text of an answer; the bounds count characters. */
export interface Citation {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly sources: readonly CitedSource[];
  readonly content_index: number;
  readonly type: "TEXT_CONTENT";
}

/**
 * What an answer has to cite: the documents of the request, and the results of tools that it ends with. Nothing where
 * the request switches citations off.
 *
 * Source: https://docs.cohere.com/docs/rag-citations
 */
export function readSources(body: JsonObject, messages: readonly CohereMessage[]): readonly CitedSource[] {
  const documents = optionalList(body, "documents").map((document, index) => toDocument(document, `doc:${index}`));
  const options = body["citation_options"];
  const known = options === undefined || options === null ? {} : knownObject(options, OPTION_FIELDS, "citation_options");
  const mode = oneOf(known, "mode", MODES);
  if (mode === "OFF" || mode === "DISABLED") return [];
  return [...documents, ...trailingResults(messages)];
}

/** A document is text, or an object whose `data` is what it says; one without an id gets one. */
function toDocument(value: unknown, id: string): CitedSource {
  if (typeof value === "string") return { type: "document", id, document: { id, text: value } };
  const { id: own, data } = knownObject(value, DOCUMENT_FIELDS, "documents");
  if (typeof data !== "string" && !isObject(data)) throw refused("documents must have data.");
  const named = typeof own === "string" && own !== "" ? own : id;
  const fields = typeof data === "string" ? { text: data } : data;
  return { type: "document", id: named, document: { id: named, ...fields } };
}

/** The results of tools after the last message that is none. */
function trailingResults(messages: readonly CohereMessage[]): CitedSource[] {
  const last = messages.findLastIndex(({ role }) => role !== "tool");
  return messages.slice(last + 1).flatMap((message) => blocksOf(message).map((block, index) => toResult(message, block, index)));
}

function toResult(message: CohereMessage, { document }: JsonObject, index: number): CitedSource {
  const id = `${String(message["tool_call_id"])}:${index}`;
  const output = isObject(document) && isObject(document["data"]) ? document["data"] : parsed(textOf(message));
  return { type: "tool", id, tool_output: output };
}

function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : { content: text };
  } catch {
    return { content: text };
  }
}

/** A citation for each source, as far as there are tokens: the first source is cited by the first token, and so on. */
export function citationsFor(pieces: readonly string[], sources: readonly CitedSource[], contentIndex: number): Citation[] {
  let at = 0;
  return pieces.slice(0, sources.length).flatMap((piece, index) => {
    const source = sources[index];
    const end = at + piece.length;
    const text = piece.trimStart();
    at = end;
    if (source === undefined) return [];
    return [{ start: end - text.length, end, text, sources: [source], content_index: contentIndex, type: "TEXT_CONTENT" }];
  });
}
