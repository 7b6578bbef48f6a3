import * as contract from "@alfred/contracts";
import { type Field, FieldMismatch, flag, object, rawJson, readItems, text } from "@alfred/openai";

/** Text, or a list of blocks, which may be empty. */
export const blockContent: Field<contract.BlockContent> = {
  read(json, strict) {
    if (typeof json === "string") return { content: { $case: "text", value: json } };
    if (!Array.isArray(json)) throw new FieldMismatch("a string or a list of content blocks");
    return { content: { $case: "blocks", value: { values: readItems(json, block, strict) } } };
  },
  write({ content }) {
    if (content?.$case === "text") return content.value;
    return (content?.value.values ?? []).map((value) => block.write(value));
  },
};

/** A block of a turn or an answer. */
export const block: Field<contract.MessageBlock> = object(contract.MessageBlock, {
  type: text,
  text,
  source: rawJson,
  id: text,
  name: text,
  input: rawJson,
  toolUseId: text,
  content: blockContent,
  isError: flag,
  thinking: text,
  signature: text,
  data: text,
});
