import * as contract from "@alfred/contracts";
import { FieldMismatch, decimal, integer, list, readItems, text, type Field } from "./field.ts";
import { tokenUsage } from "./message.ts";
import { object } from "./object.ts";

type Input = NonNullable<contract.EmbeddingRequest["input"]>;

const tokenList: Field<contract.TokenList> = {
  read(json, strict) {
    if (!Array.isArray(json)) throw new FieldMismatch("a list of token ids");
    return { values: readItems(json, integer, strict) };
  },
  write: (value) => value.values,
};

/** One text or several, each as a string or as token ids; the first item tells which. */
export const textInput: Field<Input> = {
  read(json, strict) {
    if (typeof json === "string") return { $case: "text", value: json };
    if (!Array.isArray(json)) throw new FieldMismatch("a string or a list");
    if (typeof json[0] === "number") return { $case: "tokens", value: tokenList.read(json, strict) };
    if (!Array.isArray(json[0])) return { $case: "texts", value: { values: readItems(json, text, strict) } };
    return { $case: "tokenLists", value: { values: readItems(json, tokenList, strict) } };
  },
  write(value) {
    if (value.$case === "text") return value.value;
    if (value.$case === "tokenLists") return value.value.values.map(({ values }) => values);
    return value.value.values;
  },
};

/** The body of POST /v1/embeddings. */
export const embeddingRequest = object(contract.EmbeddingRequest, {
  model: text,
  input: textInput,
  dimensions: integer,
  encodingFormat: text,
  user: text,
});

const vector: Field<NonNullable<contract.Embedding["embedding"]>> = {
  read(json, strict) {
    if (typeof json === "string") return { $case: "base64", value: json };
    if (!Array.isArray(json)) throw new FieldMismatch("a list of numbers or base64");
    return { $case: "floats", value: { values: readItems(json, decimal, strict) } };
  },
  write: (value) => (value.$case === "base64" ? value.value : value.value.values),
};

const embedding = object(contract.Embedding, { object: text, index: integer, embedding: vector });

/** The vectors. */
export const embeddingList = object(contract.EmbeddingList, {
  object: text,
  data: list(embedding),
  model: text,
  usage: tokenUsage,
});
