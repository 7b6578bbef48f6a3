import type { Kind, Path, ShapeWords } from "../../shape.ts";
import { refused } from "./errors.ts";

const KINDS: Readonly<Record<Kind, string>> = {
  string: "string",
  number: "number",
  integer: "integer",
  boolean: "boolean",
  array: "list",
  object: "dictionary",
};

function place(path: Path): string {
  return path.join(".");
}

/** Anthropic's words for a body of the wrong shape: the place, a colon, and what is expected there. */
export const SHAPE_WORDS: ShapeWords = {
  missing: (path) => refused("Field required", place(path)),
  unknown: (path, name) => refused("Extra inputs are not permitted", place([...path, name])),
  wrongType: (path, expected) => refused(`Input should be a valid ${KINDS[expected]}`, place(path)),
  wrongValue: (path, expected, value) => refused(`${typeof value === "number" ? "Input" : "Value"} should be ${expected}`, place(path)),
  notOneOf: (path, allowed) => refused(`Input should be ${allowed.map((each) => `'${each}'`).join(", ").replace(/, (?=[^,]*$)/, " or ")}`, place(path)),
};
