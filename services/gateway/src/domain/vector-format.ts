import type { Embedding, EmbeddingList } from "@alfred/contracts";

/**
 * Vectors in the form that the client asked for: who asks for base64, as OpenAI's own clients do, takes nothing else, and
 * not every provider has it. Base64 is of 32-bit floats, the lowest byte first.
 */
export function inFormat(list: EmbeddingList, format: string | undefined): EmbeddingList {
  return format === "base64" ? { ...list, data: list.data.map(toBase64) } : list;
}

function toBase64(item: Embedding): Embedding {
  const { embedding } = item;
  if (embedding?.$case !== "floats") return item;
  const { values } = embedding.value;
  const bytes = Buffer.alloc(values.length * Float32Array.BYTES_PER_ELEMENT);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * Float32Array.BYTES_PER_ELEMENT);
  return { ...item, embedding: { $case: "base64", value: bytes.toString("base64") } };
}
