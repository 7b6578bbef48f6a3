import { hash } from "node:crypto";
import type { ImageRequest, MeterQuantity, ModelPrice } from "@alfred/contracts";
import { writeImageRequest } from "@alfred/openai";
import { TEXT_INPUT_METERS } from "@alfred/money";
import type { Route } from "../domain/route.ts";
import { refuseSurcharges } from "../domain/surcharge.ts";
import type { Bound, SentBody } from "../domain/worst-case.ts";
import { imageBound } from "../domain/image-bound.ts";
import { imageTokens, imagesUsed } from "../media/image-use.ts";
import type { ImageSources } from "../providers/dialect.ts";
import { writeForm } from "../providers/form-body.ts";
import { dialectOf } from "../providers/dialects.ts";
import { type Plan, charges, requirePrice, targetOf, toBody, written } from "./plan.ts";
import { hasNone, takeOption } from "./unsupported.ts";

/**
 * Plans images, for which nobody but a model that draws can be asked.
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN
 */
export function planImage(image: ImageRequest, route: Route, streamed: boolean, sources?: ImageSources): Plan {
  const { images } = dialectOf(route.upstream);
  if (images === undefined) throw hasNone("images", route.upstream.id);
  const price = requirePrice(route, image.model);
  const { asked } = takeOption(image);
  const { request } = written(() => images.request(asked, targetOf(route), streamed, sources));
  if (!price.free) refuseSurcharges(request.body);
  const body = toBody(request.body);
  const seen = sources === undefined ? 0n : BigInt(sources.files.length * imageBound(route.model));
  const { bound, estimates } = useOf(asked, body, price, seen);
  return {
    operation: sources?.operation ?? "image", streamed, requestedModel: image.model, route, body: body.text, bound, estimates,
    request: { ...request, body: body.text, form: "image", ...(request.files && { upload: writeForm(request.body, request.files) }) },
    ...charges(price, bound, image.model, route),
    asked: () => [JSON.stringify(writeImageRequest(image, { model: image.model, stream: streamed })), ...hashes(sources)].join("\n"),
    prompt: () => ({ text: image.prompt, pieces: 0 }),
    knownTokens: undefined,
    isClamped: false,
  };
}

/** What it uses at most, and what it is taken to use where nothing is reported: by the image where it is priced so, else by the token. */
function useOf(image: ImageRequest, { bytes }: SentBody, price: ModelPrice, seen: bigint): { bound: Bound; estimates: MeterQuantity[] } {
  const used = imagesUsed(image, price);
  const rest = { isText: false, mediaTokens: 0, answers: undefined };
  if (used !== undefined) return { bound: { usage: { inputTokens: 0n, outputTokens: 0n, beside: [used] }, ...rest }, estimates: [used] };
  const outputTokens = imageTokens(image);
  const inputMeters = seen === 0n ? TEXT_INPUT_METERS : [...TEXT_INPUT_METERS, "input_image_tokens"];
  const usage = { inputTokens: BigInt(bytes) + seen, outputTokens, inputMeters, outputMeters: ["output_tokens", "output_image_tokens"] };
  return { bound: { usage, ...rest }, estimates: [...(seen === 0n ? [] : [{ meter: "input_image_tokens", quantity: seen }]), { meter: "output_image_tokens", quantity: outputTokens }] };
}

/** What the images are made of, for fingerprints. */
function hashes(sources: ImageSources | undefined): string[] {
  return (sources?.files ?? []).map(({ field, content }) => `${field} ${hash("sha256", content)}`);
}
