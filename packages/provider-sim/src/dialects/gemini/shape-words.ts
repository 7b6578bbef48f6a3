import type { Kind, Path, ShapeWords } from "../../shape.ts";
import { toSnake } from "./camel.ts";
import { refused } from "./errors.ts";

const TYPES: Readonly<Record<Kind, string>> = {
  string: "TYPE_STRING",
  number: "TYPE_FLOAT",
  integer: "TYPE_INT32",
  boolean: "TYPE_BOOL",
  array: "TYPE_MESSAGE",
  object: "TYPE_MESSAGE",
};

/** A place as Google writes it: `contents[0].parts[1].function_call`. */
export function place(path: Path): string {
  return path.reduce<string>((whole, step) => {
    if (typeof step === "number") return `${whole}[${step}]`;
    return whole === "" ? toSnake(step) : `${whole}.${toSnake(step)}`;
  }, "");
}

/** Google's words for a body that does not parse into its messages. */
export const SHAPE_WORDS: ShapeWords = {
  missing: (path) => refused(`* GenerateContentRequest.${place(path)}: [REQUIRED_FIELD_MISSING]`, place(path)),
  unknown: (path, name) => {
    const at = path.length === 0 ? "" : ` at '${place(path)}'`;
    return refused(`Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`, place(path));
  },
  wrongType: (path, expected, value) => refused(`Invalid value at '${place(path)}' (${TYPES[expected]}), ${JSON.stringify(value)}`, place(path)),
  wrongValue: (path, expected) => refused(`* GenerateContentRequest.${place(path)}: must be ${expected}`, place(path)),
  notOneOf: (path, _allowed, value) => refused(`Invalid value at '${place(path)}' (TYPE_ENUM), ${JSON.stringify(value)}`, place(path)),
};
