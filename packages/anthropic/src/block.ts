import * as contract from "@alfred/contracts";
import { type Field, FieldMismatch, flag, object, rawJson, readItems, text } from "@alfred/openai";

/** Text, or a list of blocks, which may be empty. */
function textOr<Block>(block: Field<Block>): Field<{ content: { $case: "text"; value: string } | { $case: "blocks"; value: { values: Block[] } } | undefined }> {
  return {
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
}

const resultBlock = object(contract.ResultBlock, { type: text, text, source: rawJson });

/** A block of a turn or an answer. */
export const block: Field<contract.MessageBlock> = object(contract.MessageBlock, {
  type: text,
  text,
  source: rawJson,
  id: text,
  name: text,
  input: rawJson,
  toolUseId: text,
  content: textOr(resultBlock),
  isError: flag,
  thinking: text,
  signature: text,
  data: text,
});

/** What a turn says. */
export const blockContent = textOr(block);
