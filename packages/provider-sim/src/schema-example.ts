import { isArray, isObject } from "./json-fields.ts";
import type { JsonObject } from "./json-fields.ts";

/** Below this depth optional properties and list items are left out, so that a recursive schema ends. */
const DEEP = 6;
/** Past this depth a schema that requires itself without end gives null. */
const DEEPEST = 32;

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-01-01T00:00:00Z",
  date: "2026-01-01",
  time: "00:00:00Z",
  duration: "P1D",
  email: "sim@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/**
 * A value that satisfies a simple JSON schema, always the same one: `const`, the first of `enum`, the `default` or first
 * of `examples`; else made by `type`, honouring properties, items, lengths, bounds, `multipleOf`, formats, the first of `anyOf`
 * or `oneOf`, `allOf` merged, and `$ref` within the document. Patterns are not honoured.
 */
export function schemaExample(schema: JsonObject): unknown {
  return example(schema, schema, 0);
}

function example(schema: unknown, root: JsonObject, depth: number): unknown {
  if (!isObject(schema)) return schema === true ? "sim" : null;
  if (depth > DEEPEST) return null;
  const given = givenValue(schema);
  if (given !== undefined) return given;
  const reference = schema["$ref"];
  if (typeof reference === "string") return example(resolve(reference, root), root, depth + 1);
  const branches = schema["anyOf"] ?? schema["oneOf"];
  if (isArray(branches)) return example(branch(branches, depth), root, depth + 1);
  if (isArray(schema["allOf"])) return example(merged(schema, root), root, depth + 1);
  return exampleOfType(schema, root, depth);
}

function givenValue(schema: JsonObject): unknown {
  if (schema["const"] !== undefined) return schema["const"];
  if (isArray(schema["enum"])) return schema["enum"][0];
  if (schema["default"] !== undefined) return schema["default"];
  return isArray(schema["examples"]) ? schema["examples"][0] : undefined;
}

/** Deep down the branch that allows null is taken, where there is one: that is how recursive schemas end. */
function branch(branches: readonly unknown[], depth: number): unknown {
  const ending = depth < DEEP ? undefined : branches.find((option) => isObject(option) && option["type"] === "null");
  return ending ?? branches[0];
}

function resolve(reference: string, root: JsonObject): unknown {
  if (!reference.startsWith("#")) return undefined;
  const steps = reference.slice(1).split("/").slice(1);
  let found: unknown = root;
  for (const step of steps) {
    const name = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    found = isObject(found) ? found[name] : undefined;
  }
  return found;
}

function merged(schema: JsonObject, root: JsonObject): JsonObject {
  const { allOf, ...rest } = schema;
  const parts = (isArray(allOf) ? allOf : []).filter(isObject).map((part) => {
    const reference = part["$ref"];
    const target = typeof reference === "string" ? resolve(reference, root) : part;
    return isObject(target) ? target : {};
  });
  const all = [rest, ...parts];
  const properties = all.map((part) => (isObject(part["properties"]) ? part["properties"] : {}));
  const required = all.flatMap((part) => (isArray(part["required"]) ? part["required"] : []));
  return { ...overlaid([...parts, rest]), properties: overlaid(properties), required };
}

function overlaid(objects: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(objects.flatMap((object) => Object.entries(object)));
}

function typeOf(schema: JsonObject, depth: number): unknown {
  const type = schema["type"];
  if (isArray(type)) return depth >= DEEP && type.includes("null") ? "null" : type[0];
  if (type !== undefined) return type;
  if (schema["properties"] !== undefined) return "object";
  return schema["items"] === undefined ? "string" : "array";
}

function exampleOfType(schema: JsonObject, root: JsonObject, depth: number): unknown {
  switch (typeOf(schema, depth)) {
    case "object":
      return exampleObject(schema, root, depth);
    case "array":
      return exampleArray(schema, root, depth);
    case "integer":
      return exampleNumber(schema, 1);
    case "number":
      return exampleNumber(schema, 0);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return exampleString(schema);
  }
}

function exampleObject(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = new Set(isArray(schema["required"]) ? schema["required"] : []);
  const names = Object.keys(properties).filter((name) => depth < DEEP || required.has(name));
  return Object.fromEntries(names.map((name) => [name, example(properties[name], root, depth + 1)]));
}

function exampleArray(schema: JsonObject, root: JsonObject, depth: number): readonly unknown[] {
  const least = bound(schema, "minItems") ?? 0;
  const wanted = Math.max(least, depth < DEEP ? 1 : 0);
  const length = Math.min(wanted, bound(schema, "maxItems") ?? wanted, 1_000);
  return Array.from({ length }, () => example(schema["items"] ?? {}, root, depth + 1));
}

function exampleNumber(schema: JsonObject, defaultStep: number): number {
  const step = bound(schema, "multipleOf") ?? defaultStep;
  const past = step === 0 ? 0.5 : step;
  const over = bound(schema, "exclusiveMinimum");
  const under = bound(schema, "exclusiveMaximum");
  const least = bound(schema, "minimum") ?? (over === undefined ? -Infinity : over + past);
  const most = bound(schema, "maximum") ?? (under === undefined ? Infinity : under - past);
  const value = Math.max(least, Math.min(most, 1));
  return step === 0 ? value : Math.ceil(value / step) * step;
}

function exampleString(schema: JsonObject): string {
  const format = FORMATS[String(schema["format"])];
  if (format !== undefined) return format;
  const least = Math.min(bound(schema, "minLength") ?? 0, 100_000);
  return "sim".padEnd(least, "m").slice(0, bound(schema, "maxLength"));
}

function bound(schema: JsonObject, name: string): number | undefined {
  const value = schema[name];
  return typeof value === "number" ? value : undefined;
}
