import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { refused } from "./errors.ts";
import { PART_DATA } from "./request-shape.ts";
import { place } from "./shape-words.ts";

/** One content of a request: who speaks, and its parts. */
export interface Content {
  readonly role: string;
  readonly parts: readonly JsonObject[];
}

const DATA_FIELDS = Object.keys(PART_DATA);

/** The contents of a body that has its shape. @throws SimError for an order that the API refuses */
export function readContents(body: JsonObject): readonly Content[] {
  const given = (isArray(body["contents"]) ? body["contents"] : []).filter(isObject);
  if (given.length === 0) throw refused("* GenerateContentRequest.contents: contents is not specified\n", "contents");
  const contents = given.map(({ role, parts }, index) => readContent(role, parts, index));
  if (contents.length === 1 && contents[0]?.role === "model") {
    throw refused("Please ensure that single turn requests end with a user role or the role field is empty.");
  }
  checkTurns(contents);
  return contents;
}

function readContent(role: unknown, parts: unknown, index: number): Content {
  const at = ["contents", index, "parts"];
  if (role !== undefined && role !== "user" && role !== "model") throw refused("Please use a valid role: user, model.");
  const given = (isArray(parts) ? parts : []).filter(isObject);
  if (given.length === 0) throw refused(`* GenerateContentRequest.${place(at)}: contents.parts must not be empty.\n`, place(at));
  for (const [position, part] of given.entries()) checkPart(part, place([...at, position]));
  return { role: role ?? "user", parts: given };
}

function checkPart(part: JsonObject, at: string): void {
  const set = DATA_FIELDS.filter((field) => part[field] !== undefined);
  if (set.length === 0) throw refused(`* GenerateContentRequest.${at}.data: required oneof field 'data' must have one initialized field\n`, at);
  if (set.length > 1) throw refused(`Invalid value at '${at}' (oneof), oneof field 'data' is already set. Cannot set '${String(set[1])}'`, at);
  const { inlineData, fileData, functionCall, functionResponse } = part;
  if (isObject(inlineData) && !inlineData["mimeType"]) throw refused("Unable to process input: Unsupported MIME type: ", `${at}.inline_data`);
  if (isObject(fileData) && !fileData["fileUri"]) throw refused(`* GenerateContentRequest.${at}.file_data.file_uri: [REQUIRED_FIELD_MISSING]\n`, at);
  if (isObject(functionCall)) checkName(functionCall, `${at}.function_call`);
  if (isObject(functionResponse)) checkName(functionResponse, `${at}.function_response`);
}

function checkName({ name }: JsonObject, at: string): void {
  if (!name) throw refused(`* GenerateContentRequest.${at}.name: Name cannot be empty.\n`, at);
}

export function partsWith({ parts }: Content, field: string): readonly JsonObject[] {
  return parts.filter((part) => part[field] !== undefined);
}

/** Whether a content holds results of calls. */
export function isResponse(content: Content): boolean {
  return partsWith(content, "functionResponse").length > 0;
}

/**
 * Calls come after a user or after results, and as many results after them as there are calls.
 * Source: https://ai.google.dev/gemini-api/docs/function-calling
 */
function checkTurns(contents: readonly Content[]): void {
  for (const [index, content] of contents.entries()) {
    const calls = partsWith(content, "functionCall").length;
    const before = contents[index - 1];
    if (calls > 0) checkCalls(calls, before, contents[index + 1]);
    if (isResponse(content) && (before === undefined || partsWith(before, "functionCall").length === 0)) {
      throw refused("Please ensure that function response turn comes immediately after a function call turn.");
    }
  }
}

function checkCalls(calls: number, before: Content | undefined, next: Content | undefined): void {
  if (before?.role !== "user") {
    throw refused("Please ensure that function call turn comes immediately after a user turn or after a function response turn.");
  }
  if (next === undefined || partsWith(next, "functionResponse").length === calls) return;
  throw refused("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.");
}

/** The text of the last user's content that has any; results of functions have none of the user's. */
export function userText(contents: readonly Content[]): string {
  for (const { role, parts } of contents.toReversed()) {
    const texts = role === "user" ? parts.map(({ text }) => text).filter((text) => typeof text === "string") : [];
    if (texts.length > 0) return texts.join("\n");
  }
  return "";
}
