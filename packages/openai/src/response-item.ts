import * as contract from "@alfred/contracts";
import { type Field, FieldMismatch, fullList, list, readItems, text } from "./field.ts";
import { isObject } from "./json.ts";
import { object } from "./object.ts";

/** A part of an item. */
export const responsePart = object(contract.ResponsePart, {
  type: text,
  text,
  refusal: text,
  imageUrl: text,
  detail: text,
  filename: text,
  fileData: text,
  fileUrl: text,
  fileId: text,
});

/** Text, or a list of parts, which may be empty. */
const content: Field<contract.ResponseContent> = {
  read(json, strict) {
    if (typeof json === "string") return { content: { $case: "text", value: json } };
    if (!Array.isArray(json)) throw new FieldMismatch("a string or a list of content parts");
    return { content: { $case: "parts", value: { values: readItems(json, responsePart, strict) } } };
  },
  write({ content: said }) {
    if (said?.$case === "text") return said.value;
    return (said?.value.values ?? []).map((value) => responsePart.write(value));
  },
};

const item = object(contract.ResponseItem, {
  type: text,
  id: text,
  status: text,
  role: text,
  content,
  callId: text,
  name: text,
  arguments: text,
  input: text,
  output: content,
  summary: list(responsePart),
  encryptedContent: text,
});

/** The items whose fields are typed. Others have fields of the same names and of other forms, which are kept as they are. */
const TYPED = new Set<unknown>([undefined, "message", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output", "reasoning"]);

/** An item of a prompt or an answer. */
export const responseItem: Field<contract.ResponseItem> = {
  read: (json, strict) => item.read(json, strict && isObject(json) && TYPED.has(json["type"])),
  write: item.write,
};

/** A list of items that is written even when it is empty. */
export const responseItems = fullList(responseItem, "a list of items");
