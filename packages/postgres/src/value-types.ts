import { types } from "pg";
import type { CustomTypesConfig } from "pg";

const int8 = 20;
const int8Array = 1016;
type TextParser = (text: string) => unknown;
/** Which parser a type's number stands for: the driver's declaration names only some of them. */
const parserOf = (types.getTypeParser as (id: number, format?: string) => TextParser).bind(types);

/** int8 as bigint, alone and in arrays; numeric stays a text, since a number would round it. */
export const valueTypes: CustomTypesConfig = {
  getTypeParser(id: number, format?: string) {
    if (format === "binary") return parserOf(id, format);
    if (id === int8) return BigInt;
    if (id === int8Array) return bigintArray;
    return parserOf(id, "text");
  },
};

function bigintArray(text: string): (bigint | null)[] {
  const texts = parserOf(int8Array)(text) as (string | null)[];
  return texts.map((each) => (each === null ? null : BigInt(each)));
}
