import type { Endpoint } from "../../dialect.ts";
import { isObject, parseBody } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { countSimTokens } from "../../tokens.ts";
import { embed } from "../../vectors.ts";
import { numberWithin, oneOf, optionalList, refused, requiredText, requireKnown } from "./strict-fields.ts";

const FIELDS = new Set([
  "model", "input_type", "texts", "images", "inputs", "max_tokens", "output_dimension", "embedding_types", "truncate", "priority",
]);
const INPUT_TYPES = ["search_document", "search_query", "classification", "clustering", "image"] as const;
const DIMENSIONS = [256, 512, 1_024, 1_536];
const USUAL_DIMENSIONS = 1_536;
const MOST_INPUTS = 96;

/** An embeddings request that Cohere would accept. */
interface EmbedRequest {
  readonly model: string;
  /** What is embedded, each as text; of a picture its address. */
  readonly inputs: readonly string[];
  readonly texts: readonly string[];
  readonly images: number;
  readonly dimensions: number;
  readonly types: readonly string[];
}

/** The endpoint `POST /v2/embed`. Source: https://docs.cohere.com/reference/embed */
export function embedEndpoint(): Endpoint {
  return {
    name: "embeddings",
    prepare({ body }) {
      const request = readEmbedRequest(parseBody(body));
      const counted = request.inputs.reduce((sum, text) => sum + countSimTokens(text), 0);
      return {
        model: request.model,
        stream: false,
        text: request.inputs[0] ?? "",
        answer({ noUsage, usageZero }, { sequence }) {
          const tokens = usageZero ? 0 : counted;
          const json = embedJson(request, `emb-sim-${sequence}`, noUsage ? null : tokens);
          return { kind: "body", json, spent: { prompt: tokens, completion: 0 } };
        },
      };
    },
  };
}

function readEmbedRequest(body: JsonObject): EmbedRequest {
  requireKnown(body, FIELDS, "embed");
  const model = requiredText(body, "model");
  const inputType = oneOf(body, "input_type", INPUT_TYPES);
  if (inputType === undefined) throw refused("valid input_type must be provided with the provided model");
  const texts = optionalList(body, "texts", MOST_INPUTS).map(readText);
  const images = optionalList(body, "images").map(readText);
  const mixed = optionalList(body, "inputs", MOST_INPUTS).map(readMixed);
  const given = [texts, images, mixed].filter((list) => list.length > 0);
  if (given.length !== 1) throw refused("exactly one of texts, images and inputs must be given.");
  oneOf(body, "truncate", ["NONE", "START", "END"]);
  const types = optionalList(body, "embedding_types").map(readType);
  return {
    model,
    inputs: given.flat(),
    texts,
    images: images.length,
    dimensions: readDimensions(body),
    types: types.length === 0 ? ["float"] : types,
  };
}

function readText(value: unknown): string {
  if (typeof value !== "string" || value === "") throw refused("what is embedded must be text.");
  return value;
}

/** The texts and pictures of one input, a line each. */
function readMixed(value: unknown): string {
  const content = isObject(value) ? value["content"] : undefined;
  if (!Array.isArray(content)) throw refused("inputs must have content.");
  return content.map((part: unknown) => (isObject(part) ? partText(part) : "")).join("\n");
}

function partText({ text, image_url }: JsonObject): string {
  return typeof text === "string" ? text : JSON.stringify(image_url ?? null);
}

function readDimensions(body: JsonObject): number {
  const dimensions = numberWithin(body, "output_dimension", 1, USUAL_DIMENSIONS) ?? USUAL_DIMENSIONS;
  if (!DIMENSIONS.includes(dimensions)) throw refused(`output_dimension must be one of ${DIMENSIONS.join(", ")}.`);
  return dimensions;
}

function readType(value: unknown): string {
  if (typeof value === "string" && value in FORMS) return value;
  throw refused(`embedding_types must be of ${Object.keys(FORMS).join(", ")}.`);
}

/** What a vector is told as. Of the binary forms a bit says the sign of a component, the first being the highest of a byte. */
const FORMS: Readonly<Record<string, (vector: Float32Array) => unknown>> = {
  float: (vector) => [...vector],
  int8: (vector) => Array.from(vector, (component) => Math.round(component * 127)),
  uint8: (vector) => Array.from(vector, (component) => Math.round(component * 127) + 128),
  binary: (vector) => packed(vector).map((byte) => byte - 128),
  ubinary: packed,
  base64: (vector) => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64"),
};

function packed(vector: Float32Array): number[] {
  return Array.from({ length: Math.floor(vector.length / 8) }, (_, byte) =>
    vector.subarray(byte * 8, byte * 8 + 8).reduce((bits, component) => bits * 2 + (component > 0 ? 1 : 0), 0),
  );
}

function embedJson({ inputs, texts, images, dimensions, types }: EmbedRequest, id: string, tokens: number | null): string {
  const vectors = inputs.map((text) => embed(text, dimensions));
  const embeddings = Object.fromEntries(types.map((type) => [type, vectors.map((vector) => FORMS[type]?.(vector))]));
  const billed = images > 0 ? { images } : { input_tokens: tokens };
  const units = tokens === null ? {} : { billed_units: billed };
  const meta = { api_version: { version: "2" }, ...units };
  return JSON.stringify({ id, embeddings, texts, meta, response_type: "embeddings_by_type" });
}
