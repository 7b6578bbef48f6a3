import * as contract from "@alfred/contracts";
import { bigInteger, decimal, integer, list, text } from "./field.ts";
import { object } from "./object.ts";

const mediaTokens = object(contract.MediaTokens, { imageTokens: bigInteger, textTokens: bigInteger, audioTokens: bigInteger });

/** What images and sound took. */
export const mediaUsage = object(contract.MediaUsage, {
  type: text,
  inputTokens: bigInteger,
  outputTokens: bigInteger,
  totalTokens: bigInteger,
  inputTokensDetails: mediaTokens,
  outputTokensDetails: mediaTokens,
  inputTokenDetails: mediaTokens,
  seconds: decimal,
});

/** The body of POST /v1/images/generations, but for `stream`. */
export const imageRequest = object(contract.ImageRequest, {
  model: text,
  prompt: text,
  n: integer,
  size: text,
  quality: text,
  responseFormat: text,
  outputFormat: text,
  outputCompression: integer,
  background: text,
  partialImages: integer,
  frameCount: integer,
  moderation: text,
  style: text,
  user: text,
});

const image = object(contract.Image, { b64Json: text, url: text, revisedPrompt: text });

/** The images. */
export const imageList = object(contract.ImageList, { created: bigInteger, data: list(image), usage: mediaUsage });

/** An event of a streamed image. */
export const imageEvent = object(contract.ImageEvent, { type: text, b64Json: text, partialImageIndex: integer, usage: mediaUsage });
