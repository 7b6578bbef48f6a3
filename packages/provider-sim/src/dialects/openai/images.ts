import type { Call, Endpoint, Frame, Prepared, Stamp } from "../../dialect.ts";
import type { Form } from "../../form-fields.ts";
import { invalidValue, missing, optionalFlag, optionalWhole, requiredString } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import { countSimTokens } from "../../tokens.ts";
import { createdS } from "./chat-completion.ts";

/** Tokens of a square image, by quality; those that are not square take half as many more. Source: https://platform.openai.com/docs/guides/image-generation#cost-and-latency */
const TOKENS: Readonly<Record<string, number>> = { low: 272, medium: 1_056, high: 4_160, auto: 1_056 };
const SIZES = ["1024x1024", "1536x1024", "1024x1536"];
/** A picture of one white point. */
const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";
const PARTIAL_TOKENS = 100;

/** A request for images that OpenAI would accept. */
interface ImageAsk {
  readonly model: string;
  readonly prompt: string;
  readonly n: number;
  readonly size: string;
  readonly quality: string;
  readonly outputFormat: string;
  readonly partialImages: number;
  readonly stream: boolean;
  /** Models that are retired elsewhere: they report no usage, and show where the image is. */
  readonly isOld: boolean;
  /** How its events begin; "image_generation" unless it says so. */
  readonly event?: string;
  /** How many images it is made of. */
  readonly sources?: number;
}

/** The endpoint that draws. Source: https://platform.openai.com/docs/api-reference/images/create */
export function imagesEndpoint(read: (call: Call) => JsonObject): Endpoint {
  return {
    name: "images",
    prepare(call) {
      return imageAnswer(readAsk(read(call)));
    },
  };
}

function imageAnswer(ask: ImageAsk): Prepared {
  return {
    model: ask.model,
    stream: ask.stream,
    text: ask.prompt,
    answer({ noUsage }, stamp) {
      const usage = noUsage || ask.isOld ? undefined : usageOf(ask);
      const spent = { prompt: usage?.input_tokens ?? 0, completion: usage?.output_tokens ?? 0 };
      if (ask.stream) return { kind: "stream", frames: frames(ask, stamp, usage), spent };
      return { kind: "body", json: JSON.stringify(listOf(ask, stamp, usage)), spent };
    },
  };
}

/** What images of a form are made of: tokens of each, made up. */
const SOURCE_TOKENS = 194;

/** The endpoints that draw of other images. Sources: https://platform.openai.com/docs/api-reference/images/createEdit, .../createVariation */
export function imageFilesEndpoint(name: "image_edits" | "image_variations", read: (call: Call) => Form): Endpoint {
  const isEdit = name === "image_edits";
  return {
    name,
    prepare(call) {
      const { fields, files } = read(call);
      const sources = files["image"] ?? [];
      if (sources.length === 0) throw missing("image");
      if (!isEdit && fields["prompt"] !== undefined) throw invalidRequest("Unknown parameter: 'prompt'.", "prompt", "unknown_parameter");
      const ask = { ...readAsk({ ...typed(fields), ...(isEdit ? {} : { prompt: sources[0]?.filename }) }), event: "image_edit", sources: sources.length + (files["mask"] ?? []).length };
      return imageAnswer(ask);
    },
  };
}

/** Numbers and flags of a form are text. */
function typed(fields: JsonObject): JsonObject {
  const number = (name: string): JsonObject => (fields[name] === undefined ? {} : { [name]: Number(fields[name]) });
  return { ...fields, ...number("n"), ...number("partial_images"), ...number("output_compression"), ...(fields["stream"] === undefined ? {} : { stream: fields["stream"] === "true" }) };
}

function readAsk(body: JsonObject): ImageAsk {
  const model = requiredString(body, "model");
  const isOld = model.startsWith("dall-e");
  const stream = optionalFlag(body, "stream") ?? false;
  if (isOld && stream) throw invalidRequest(`Model '${model}' does not support streaming.`, "stream");
  if (stream && (optionalWhole(body, "n", 1, 10) ?? 1) > 1) throw invalidRequest("Streaming is only supported with n=1.", "n");
  if (!isOld && body["response_format"] !== undefined) throw invalidRequest("Unknown parameter: 'response_format'.", "response_format", "unknown_parameter");
  return {
    model, stream, isOld,
    prompt: requiredString(body, "prompt"),
    n: optionalWhole(body, "n", 1, 10) ?? 1,
    size: oneOf(body, "size", isOld ? [...SIZES, "256x256", "512x512", "1792x1024", "1024x1792"] : [...SIZES, "auto"]),
    quality: oneOf(body, "quality", isOld ? ["auto", "standard", "hd"] : Object.keys(TOKENS)),
    outputFormat: oneOf(body, "output_format", ["png", "jpeg", "webp"]),
    partialImages: optionalWhole(body, "partial_images", 0, 3) ?? 0,
  };
}

function oneOf(body: JsonObject, name: string, values: readonly string[]): string {
  const value = body[name] ?? (name === "output_format" ? "png" : "auto");
  if (typeof value !== "string" || (!values.includes(value) && value !== "auto")) throw invalidValue(name, values.join(", "));
  return value;
}

function usageOf({ prompt, n, size, quality, partialImages, stream, sources = 0 }: ImageAsk) {
  const each = (TOKENS[quality] ?? 0) * (size === "1024x1024" || size === "auto" ? 1 : 1.5);
  const [input, output] = [countSimTokens(prompt), n * (each + (stream ? partialImages * PARTIAL_TOKENS : 0))];
  const images = sources * SOURCE_TOKENS;
  return { total_tokens: input + images + output, input_tokens: input + images, output_tokens: output, input_tokens_details: { text_tokens: input, image_tokens: images } };
}

type Usage = ReturnType<typeof usageOf> | undefined;

function listOf({ model, n, isOld, prompt, outputFormat }: ImageAsk, stamp: Stamp, usage: Usage): object {
  const url = `https://images.sim.test/${stamp.sequence}.png`;
  const image = isOld ? { url, ...(model === "dall-e-3" && { revised_prompt: prompt }) } : { b64_json: PICTURE };
  const told = { created: createdS(stamp), data: Array.from({ length: n }, () => image) };
  return isOld ? told : { ...told, background: "opaque", output_format: outputFormat, quality: "medium", size: "1024x1024", ...(usage && { usage }) };
}

function* frames({ partialImages, outputFormat, event = "image_generation" }: ImageAsk, stamp: Stamp, usage: Usage): Generator<Frame, void, undefined> {
  const told = { b64_json: PICTURE, created_at: createdS(stamp), size: "1024x1024", quality: "medium", background: "opaque", output_format: outputFormat };
  for (let index = 0; index < partialImages; index += 1) yield frame({ type: `${event}.partial_image`, ...told, partial_image_index: index });
  yield frame({ type: `${event}.completed`, ...told, ...(usage && { usage }) });
}

function frame(event: { readonly type: string; readonly [name: string]: unknown }): Frame {
  return { event: event.type, data: JSON.stringify(event) };
}
