import { ScalarType, fromJson, toBinary, type DescField, type DescMessage, type JsonObject, type JsonValue, type Registry } from "@bufbuild/protobuf";
import { type AlfredError, fail } from "@alfred/errors";

/** Where the parts of a request message come from, as `google.api.http` says. */
export interface RequestParts {
  /** The JSON body, where the rule takes one. */
  readonly body: unknown;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Stands in where the message has a `request_id` and the client named none. */
  readonly requestId: string;
}

/**
 * Builds a request message from body, path and query, by canonical protobuf
 * JSON: names in camel or snake case, enums by name, 64-bit integers and times
 * as strings. The path beats the query, the query beats the body.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function requestMessage(message: DescMessage, parts: RequestParts, registry: Registry): Uint8Array {
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
  } catch (error) {
    throw invalid(error, message, culprit(message, json, registry));
  }
}

/** The field that makes the request invalid, where one alone does. */
function culprit(message: DescMessage, json: JsonObject, registry: Registry): string | undefined {
  return Object.keys(json).find((name) => {
    try {
      fromJson(message, { [name]: json[name] ?? null }, { registry });
      return false;
    } catch {
      return true;
    }
  });
}

function bodyObject(body: unknown): JsonObject {
  if (body === undefined) return {};
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as JsonObject;
  throw fail("MALFORMED_BODY", "The body must be a JSON object.");
}

/** Sets a field by its name in the path or query; an unknown one is left for `fromJson` to refuse. */
function set(message: DescMessage, json: JsonObject, name: string, values: readonly string[]): void {
  const field = message.fields.find((candidate) => candidate.name === name || candidate.jsonName === name);
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

/** The library names the field; its own prefix about messages says nothing to a client. */
function invalid(error: unknown, message: DescMessage, name: string | undefined): AlfredError {
  const text = error instanceof Error ? error.message : String(error);
  const what = text.replace(/^cannot decode (message|field) [\w.]+ from JSON:? ?/, "");
  return fail("INVALID_ARGUMENT",
    name === undefined ? `The request is not a valid ${message.name}: ${what}.` : `\`${name}\` is not valid: ${what}.`,
    { metadata: name === undefined ? {} : { field: name } },
  );
}
