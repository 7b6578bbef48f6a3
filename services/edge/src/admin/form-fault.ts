import {
  type DescField, type DescMessage, type JsonObject, type JsonValue, type Registry, ScalarType, fromJson,
} from "@bufbuild/protobuf";
import { isObject } from "@alfred/openai";

/** What of a request does not have its form. It never tells what was sent, which may be a secret. */
export interface FormFault {
  /** The field by its path, as "limits[0].hard"; empty for the whole request. */
  readonly field: string;
  /** What to say of it, as "must be a list". */
  readonly problem: string;
}

/** Finds what keeps an object from being the canonical JSON of a message. */
export function formFault(message: DescMessage, json: JsonObject, registry: Registry): FormFault {
  return faultOf(message, json, registry) ?? { field: "", problem: "does not have the documented form" };
}

function faultOf(message: DescMessage, json: JsonObject, registry: Registry): FormFault | undefined {
  for (const [name, value] of Object.entries(json)) {
    const field = fieldOf(message, name);
    if (field === undefined) return unknown(message, name);
    if (takes(message, { [name]: value }, registry)) continue;
    return within(name, faultOfField(field, value, (one) => takes(message, { [name]: one }, registry), registry));
  }
  return twice(message, json);
}

/** A field by either of the names that it may have in JSON. */
export function fieldOf(message: DescMessage, name: string): DescField | undefined {
  return message.fields.find((field) => field.name === name || field.jsonName === name);
}

/** A name that is none is not repeated: whatever stands in its place may be a secret. */
function unknown(message: DescMessage, name: string): FormFault {
  const known = message.fields.map(({ jsonName }) => jsonName).join(", ");
  return /^[a-z]\w{0,63}$/i.test(name)
    ? { field: name, problem: `is not known here; there are ${known}` }
    : { field: "", problem: `has a field that is not known here; there are ${known}` };
}

function takes(message: DescMessage, json: JsonObject, registry: Registry): boolean {
  try {
    fromJson(message, json, { registry });
    return true;
  } catch {
    return false;
  }
}

/** @param takesIt whether the field would take another value */
function faultOfField(field: DescField, value: JsonValue, takesIt: (value: JsonValue) => boolean, registry: Registry): FormFault {
  const wrong = { field: "", problem: `must be ${formOf(field)}` };
  if (field.fieldKind === "map") return { field: "", problem: "must be an object of the documented form" };
  if (field.fieldKind !== "list") return faultInMessage(field.message, value, registry) ?? wrong;
  if (!Array.isArray(value)) return { field: "", problem: "must be a list" };
  const index = value.findIndex((item) => !takesIt([item]));
  return within(`[${index}]`, faultInMessage(field.message, value[index], registry) ?? wrong);
}

/** What is wrong within a message that has fields in JSON, too. */
function faultInMessage(message: DescMessage | undefined, value: JsonValue | undefined, registry: Registry): FormFault | undefined {
  if (message === undefined || message.typeName.startsWith("google.protobuf.") || !isObject(value)) return undefined;
  return faultOf(message, value, registry);
}

/** What stands twice: under both names of a field, or two of those of which one alone may be set. */
function twice(message: DescMessage, json: JsonObject): FormFault | undefined {
  const fields = Object.keys(json).map((name) => fieldOf(message, name));
  const field = fields.find((one, index) => fields.indexOf(one) !== index);
  if (field !== undefined) return { field: field.jsonName, problem: "stands twice, under both of its names" };
  const oneof = message.oneofs.find((group) => group.fields.filter((one) => fields.includes(one)).length > 1);
  if (oneof === undefined) return undefined;
  return { field: "", problem: `may have only one of ${oneof.fields.map(({ jsonName }) => jsonName).join(", ")}` };
}

function within(step: string, fault: FormFault): FormFault {
  const joint = fault.field === "" || fault.field.startsWith("[") ? "" : ".";
  return { ...fault, field: step + joint + fault.field };
}

/** Forms by protobuf's JSON mapping. Source: https://protobuf.dev/programming-guides/json/ */
const MESSAGES: Readonly<Record<string, string>> = {
  "google.protobuf.Timestamp": 'a time, as "2030-01-31T00:00:00Z"',
  "google.protobuf.Duration": 'a duration in seconds, as "1.5s"',
};

const SCALARS: Partial<Record<ScalarType, string>> = {
  [ScalarType.STRING]: "a string of valid Unicode",
  [ScalarType.BYTES]: "bytes in base64, as a string",
  [ScalarType.BOOL]: "true or false",
  [ScalarType.DOUBLE]: "a number",
  [ScalarType.FLOAT]: "a number",
  [ScalarType.INT32]: "an integer of 32 bits",
  [ScalarType.SINT32]: "an integer of 32 bits",
  [ScalarType.SFIXED32]: "an integer of 32 bits",
  [ScalarType.UINT32]: "an integer of 32 bits, 0 or more",
  [ScalarType.FIXED32]: "an integer of 32 bits, 0 or more",
  [ScalarType.INT64]: "an integer of 64 bits, as a string",
  [ScalarType.SINT64]: "an integer of 64 bits, as a string",
  [ScalarType.SFIXED64]: "an integer of 64 bits, as a string",
  [ScalarType.UINT64]: "an integer of 64 bits, as a string, 0 or more",
  [ScalarType.FIXED64]: "an integer of 64 bits, as a string, 0 or more",
};

/** The form of one value of a field. */
function formOf(field: DescField): string {
  if (field.enum !== undefined) return `one of ${field.enum.values.filter(({ number }) => number !== 0).map(({ name }) => name).join(", ")}`;
  if (field.message !== undefined) return MESSAGES[field.message.typeName] ?? "an object";
  return (field.scalar === undefined ? undefined : SCALARS[field.scalar]) ?? "of the documented form";
}
