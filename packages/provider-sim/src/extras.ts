import { isObject } from "./json-fields.ts";

declare global {
  interface JSON {
    /** JSON text that `stringify` copies as it is (ECMAScript, "JSON.parse source text access"). */
    rawJSON(text: string): object;
  }
}

/** The first integer that a double cannot hold: it comes out changed wherever JSON numbers become doubles. */
export const LARGE_INTEGER = "9007199254740993";

/** The unknown fields, written as raw JSON because a double would already have lost the integer. */
function unknownFields(): object {
  return {
    sim_integer: JSON.rawJSON(LARGE_INTEGER),
    sim_null: null,
    sim_nested: { list: [JSON.rawJSON(LARGE_INTEGER), null, "é漢🙂", {}], empty: [] },
  };
}

function decorated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decorated);
  if (!isObject(value)) return value;
  const fields = Object.entries(value).map(([name, field]): [string, unknown] => [name, decorated(field)]);
  return { ...Object.fromEntries(fields), ...unknownFields() };
}

/** Adds `sim_integer`, `sim_null` and `sim_nested` to every object of a JSON text. */
export function withExtras(json: string): string {
  return JSON.stringify(decorated(JSON.parse(json)));
}
