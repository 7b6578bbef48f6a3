import type { ImageRequest, MeterQuantity, ModelPrice } from "@alfred/contracts";
import { fail } from "@alfred/errors";

/** The meter of images, whatever they are; and what those begin with that are of one size, or one quality and size. */
const IMAGES = "images";
const MOST_IMAGES = 10;
const MOST_FRAMES = 16;

/**
 * Tokens of a square image of 1,024 pixels; others are taken to have as many more as they have pixels more. `xhigh` and `max`
 * are not documented, and taken to double from one to the next.
 * Source: https://platform.openai.com/docs/guides/image-generation#cost-and-latency
 */
const TOKENS: Readonly<Record<string, number>> = { low: 272, medium: 1_056, high: 4_160, xhigh: 8_320, max: 16_640 };
const SQUARE_PIXELS = 1_024 * 1_024;
/** Where the model chooses the size itself: the largest of the usual three. */
const AUTO_PIXELS = 1_024 * 1_536;
const PARTIAL_TOKENS = 100;
const USUAL_FRAMES = 9;
/** What a model may plan in, in tokens of text. */
const PLAN_TOKENS = 1_024;

/** How many images are asked for. @throws AlfredError INVALID_ARGUMENT */
function countOf({ n = 1 }: ImageRequest): number {
  if (Number.isInteger(n) && n >= 1 && n <= MOST_IMAGES) return n;
  throw fail("INVALID_ARGUMENT", `\`n\` must be a whole number from 1 to ${MOST_IMAGES}.`, { metadata: { field: "n" } });
}

/**
 * The images as quantities, where the model is priced by them: on the meter of their quality and size
 * ("images_hd_1024x1792"), else of their size ("images_1024x1024"), else of all ("images"). Undefined where it is priced by tokens.
 *
 * @throws AlfredError INVALID_ARGUMENT
 */
export function imagesUsed(image: ImageRequest, { meters }: Pick<ModelPrice, "meters">): MeterQuantity | undefined {
  const priced = new Set(meters.map(({ meter }) => meter).filter((meter) => meter === IMAGES || meter.startsWith(`${IMAGES}_`)));
  if (priced.size === 0) return undefined;
  const { quality = "auto", size = "auto" } = image;
  const names = [`${IMAGES}_${quality}_${size}`, `${IMAGES}_${size}`];
  return { meter: names.find((name) => priced.has(name)) ?? IMAGES, quantity: BigInt(countOf(image)) };
}

/** The tokens that the images take, as far as that can be told beforehand. @throws AlfredError INVALID_ARGUMENT */
export function imageTokens(image: ImageRequest): bigint {
  const { quality = "auto", partialImages = 0, outputFormat, frameCount = USUAL_FRAMES } = image;
  const frames = outputFormat === "gif" ? Math.min(Math.max(frameCount, 1), MOST_FRAMES) : 1;
  const each = Math.ceil(((TOKENS[quality] ?? 4_160) * pixelsOf(image)) / SQUARE_PIXELS);
  const shown = PARTIAL_TOKENS * Math.max(partialImages, 0);
  return BigInt(countOf(image) * (each * frames + shown + PLAN_TOKENS));
}

function pixelsOf({ size = "auto" }: ImageRequest): number {
  const [, width, height] = /^(\d{2,5})x(\d{2,5})$/.exec(size) ?? [];
  return width === undefined || height === undefined ? AUTO_PIXELS : Number(width) * Number(height);
}
