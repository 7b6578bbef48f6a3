import type { Answer, Call, Endpoint } from "../../dialect.ts";
import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { list, object, openObject, text, whole } from "../../shape.ts";
import { countSimTokens } from "../../tokens.ts";
import type { VectorCache } from "../../vectors.ts";
import { refused } from "./errors.ts";
import { CONTENT } from "./request-shape.ts";
import { parseProto } from "./request.ts";
import { SHAPE_WORDS } from "./shape-words.ts";

const DIMENSIONS = 3_072;
/** Source: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
const MAX_REQUESTS = 100;

const EMBED_FIELDS = {
  model: text(),
  content: CONTENT,
  taskType: text(),
  title: text(),
  outputDimensionality: whole(1, DIMENSIONS),
  embedContentConfig: openObject,
};
const EMBED_BODY = object({}, EMBED_FIELDS);
const BATCH_BODY = object({}, { requests: list(EMBED_BODY) });

interface TextToEmbed {
  readonly text: string;
  readonly dimensions: number;
}

/** `embedContent` of one content, or `batchEmbedContents` of several. Source: https://ai.google.dev/api/embeddings */
export function embeddingEndpoint(model: string, isBatch: boolean, vectors: VectorCache): Endpoint {
  return {
    name: "embeddings",
    prepare(call) {
      const texts = isBatch ? readBatch(call, model) : [readOne(read(call, EMBED_BODY), "content")];
      const first = texts[0]?.text ?? "";
      return { model, stream: false, text: first, answer: ({ noUsage, usageZero }) => answer(texts, isBatch, vectors, { noUsage, usageZero }) };
    },
  };
}

function read({ body }: Call, shape: typeof EMBED_BODY): JsonObject {
  const parsed = parseProto(body);
  shape(parsed, [], SHAPE_WORDS);
  return parsed;
}

function readBatch(call: Call, model: string): readonly TextToEmbed[] {
  const body = read(call, BATCH_BODY);
  const requests = (isArray(body["requests"]) ? body["requests"] : []).filter(isObject);
  if (requests.length === 0) throw refused("* BatchEmbedContentsRequest.requests: requests must not be empty\n", "requests");
  if (requests.length > MAX_REQUESTS) throw refused(`* BatchEmbedContentsRequest.requests: at most ${MAX_REQUESTS} requests can be in one batch\n`, "requests");
  return requests.map((request, index) => {
    if (request["model"] !== `models/${model}`) {
      throw refused(`* BatchEmbedContentsRequest.requests[${index}].model: must match 'models/${model}'\n`, `requests[${index}].model`);
    }
    return readOne(request, `requests[${index}].content`);
  });
}

function readOne({ content, outputDimensionality }: JsonObject, at: string): TextToEmbed {
  const parts = isObject(content) && isArray(content["parts"]) ? content["parts"].filter(isObject) : [];
  const said = parts.map((part) => part["text"]).filter((each) => typeof each === "string").join("\n");
  if (said === "") throw refused(`* EmbedContentRequest.${at}: content is empty\n`, at);
  return { text: said, dimensions: Number(outputDimensionality ?? DIMENSIONS) };
}

function answer(texts: readonly TextToEmbed[], isBatch: boolean, vectors: VectorCache, told: { noUsage: boolean | undefined; usageZero: boolean | undefined }): Answer {
  const written = texts.map((each) => `{"values":${vectors.json(each.text, { dimensions: each.dimensions, base64: false })}}`);
  const tokens = told.usageZero ? 0 : texts.reduce((sum, each) => sum + countSimTokens(each.text), 0);
  const usage = told.noUsage ? "" : `,"usageMetadata":{"promptTokenCount":${tokens},"promptTokenDetails":[{"modality":"TEXT","tokenCount":${tokens}}]}`;
  const body = isBatch ? `{"embeddings":[${written.join(",")}]${usage}}` : `{"embedding":${written.join("")}${usage}}`;
  return { kind: "body", json: body, spent: { prompt: tokens, completion: 0 } };
}
