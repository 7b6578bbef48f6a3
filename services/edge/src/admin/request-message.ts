import { ScalarType, fromJson, toBinary, type DescField, type DescMessage, type JsonObject, type JsonValue, type Registry } from "@bufbuild/protobuf";
import { type AlfredError, fail } from "@alfred/errors";
import { isObject } from "@alfred/openai";
import { fieldOf, formFault } from "./form-fault.ts";

/** Where the parts of a request message come from, as `google.api.http` says. */
export interface RequestParts {
  /** The JSON body, where the rule takes one; then nothing is read from the query. */
  readonly body?: unknown;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Stands in where the message has a `request_id` and the client named none. */
  readonly requestId: string;
}

/**
 * Builds a request message from body, path and query, by canonical protobuf
 * JSON: names in camel or snake case, enums by name, 64-bit integers and times
 * as strings. The path beats the rest. A query beside a body is refused, since
 * addresses are kept in logs and what belongs into a body may be a secret.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function requestMessage(message: DescMessage, parts: RequestParts, registry: Registry): Uint8Array {
  if (parts.body !== undefined && parts.query.size > 0) throw strayQuery();
  const json: JsonObject = { ...bodyObject(parts.body) };
  for (const name of new Set(parts.query.keys())) set(message, json, name, parts.query.getAll(name));
  for (const [name, value] of Object.entries(parts.params)) set(message, json, name, [value]);
  const requestId = message.fields.find((field) => field.name === "request_id");
  if (requestId !== undefined && (json["request_id"] ?? json["requestId"] ?? "") === "") {
    json["requestId"] = parts.requestId;
    delete json["request_id"];
  }
  try {
    return toBinary(message, fromJson(message, json, { registry }));
  } catch {
    throw invalid(message, json, registry);
  }
}

function bodyObject(body: unknown): JsonObject {
  if (body === undefined) return {};
  if (isObject(body)) return body as JsonObject;
  throw fail("MALFORMED_BODY", "The body must be a JSON object.");
}

/** Sets a field by its name in the path or query; an unknown one is left for `fromJson` to refuse. */
function set(message: DescMessage, json: JsonObject, name: string, values: readonly string[]): void {
  const field = fieldOf(message, name);
  const parsed = values.map((value) => parse(field, value));
  if (field !== undefined) {
    delete json[field.name];
    delete json[field.jsonName];
  }
  json[field?.jsonName ?? name] = field?.fieldKind === "list" ? parsed : (parsed.at(-1) ?? null);
}

/** Text is what canonical JSON takes for all scalars but booleans. */
function parse(field: DescField | undefined, value: string): JsonValue {
  const isFlag = field?.fieldKind === "scalar" && field.scalar === ScalarType.BOOL;
  return isFlag && (value === "true" || value === "false") ? value === "true" : value;
}

/** The library's own words quote the value. */
function invalid(message: DescMessage, json: JsonObject, registry: Registry): AlfredError {
  const { field, problem } = formFault(message, json, registry);
  if (field === "") return fail("INVALID_ARGUMENT", `The request ${problem}.`);
  return fail("INVALID_ARGUMENT", `\`${field}\` ${problem}.`, { metadata: { field } });
}

function strayQuery(): AlfredError {
  return fail("INVALID_ARGUMENT", "This call reads its fields from the body alone, and none from the query.", {
    hint: "Send every field in the JSON body. A secret that stood in an address may be in logs by now: replace it.",
  });
}
