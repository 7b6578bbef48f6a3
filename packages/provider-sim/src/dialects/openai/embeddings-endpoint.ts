import type { Call, Endpoint, Stamp } from "../../dialect.ts";
import { parseBody } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { VectorCache } from "../../vectors.ts";
import { embeddingTokens, embeddingsJson, readEmbeddingRequest } from "./embeddings.ts";
import type { EmbeddingRequest } from "./embeddings.ts";

/** Where those that are like OpenAI's embeddings may differ. */
export interface EmbeddingsWire {
  /** The request in OpenAI's form. @throws SimError for what the provider would refuse */
  read?(call: Call): JsonObject;
  /** The answer; `tokens` null reports no usage. */
  write?(request: EmbeddingRequest, vectors: VectorCache, tokens: number | null, stamp: Stamp): string;
}

/** The endpoint that embeds texts. */
export function embeddingsEndpoint({ read = readBody, write = embeddingsJson }: EmbeddingsWire = {}): Endpoint {
  const vectors = new VectorCache();
  return {
    name: "embeddings",
    prepare(call) {
      const request = readEmbeddingRequest(read(call));
      return {
        model: request.model,
        stream: false,
        text: request.inputs[0]?.text ?? "",
        answer({ noUsage, usageZero }, stamp) {
          const tokens = usageZero ? 0 : embeddingTokens(request);
          const json = write(request, vectors, noUsage ? null : tokens, stamp);
          return { kind: "body", json, spent: { prompt: tokens, completion: 0 } };
        },
      };
    },
  };
}

function readBody({ body }: Call): JsonObject {
  return parseBody(body);
}
