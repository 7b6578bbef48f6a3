import * as contract from "@alfred/contracts";
import { FieldMismatch, decimal, dictionary, flag, list, readItems, text, type Field } from "./field.ts";
import { contentPart, tokenUsage } from "./message.ts";
import { object } from "./object.ts";

/** A text, several, or parts; the first item tells which. */
const input: Field<NonNullable<contract.ModerationRequest["input"]>> = {
  read(json, strict) {
    if (typeof json === "string") return { $case: "text", value: json };
    if (!Array.isArray(json)) throw new FieldMismatch("a string or a list");
    if (typeof json[0] === "string") return { $case: "texts", value: { values: readItems(json, text, strict) } };
    return { $case: "parts", value: { values: readItems(json, contentPart, strict) } };
  },
  write(value) {
    if (value.$case === "text") return value.value;
    return value.$case === "texts" ? value.value.values : value.value.values.map((part) => contentPart.write(part));
  },
};

/** The body of POST /v1/moderations. */
export const moderationRequest = object(contract.ModerationRequest, { model: text, input });

const moderation = object(contract.Moderation, { flagged: flag, categories: dictionary(flag), categoryScores: dictionary(decimal) });

/** The judgements. */
export const moderationList = object(contract.ModerationList, { id: text, model: text, results: list(moderation), usage: tokenUsage });
