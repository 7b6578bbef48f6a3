import type { EmbeddingRequest } from "@alfred/contracts";
import { writeEmbeddingRequest } from "@alfred/openai";
import { textsToEmbed } from "../embedding-input.ts";
import { isLabel } from "../labels.ts";
import type { Json } from "../loose-json.ts";
import type { EmbeddingVariant } from "./variant.ts";

/** The body of POST /embeddings. @throws AlfredError FEATURE_UNSUPPORTED for token ids, where the variant takes none */
export function writeEmbeddings(asked: EmbeddingRequest, { model }: { readonly model: string }, variant?: EmbeddingVariant): Json {
  const body = writeEmbeddingRequest(asked, { model });
  if (variant === undefined) return body;
  textsToEmbed(asked);
  for (const name of Object.keys(body)) if (isLabel(name) || variant.unknown.includes(name)) delete body[name];
  for (const [name, own] of Object.entries(variant.renamed)) {
    if (body[name] === undefined) continue;
    body[own] = body[name];
    delete body[name];
  }
  return body;
}
