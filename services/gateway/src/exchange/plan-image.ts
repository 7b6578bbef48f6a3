import type { ImageRequest, MeterQuantity, ModelPrice } from "@alfred/contracts";
import { writeImageRequest } from "@alfred/openai";
import { TEXT_INPUT_METERS } from "@alfred/money";
import type { Route } from "../domain/route.ts";
import { refuseSurcharges } from "../domain/surcharge.ts";
import type { Bound, SentBody } from "../domain/worst-case.ts";
import { imageTokens, imagesUsed } from "../media/image-use.ts";
import { dialectOf } from "../providers/dialects.ts";
import { type Plan, charges, requirePrice, targetOf, toBody, written } from "./plan.ts";
import { hasNone, takeOption } from "./unsupported.ts";

/**
 * Plans images, for which nobody but a model that draws can be asked.
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN
 */
export function planImage(image: ImageRequest, route: Route, streamed: boolean): Plan {
  const { images } = dialectOf(route.upstream);
  if (images === undefined) throw hasNone("images", route.upstream.id);
  const price = requirePrice(route, image.model);
  const { asked } = takeOption(image);
  const { request } = written(() => images.request(asked, targetOf(route), streamed));
  if (!price.free) refuseSurcharges(request.body);
  const body = toBody(request.body);
  const { bound, estimates } = useOf(asked, body, price);
  return {
    operation: "image", streamed, requestedModel: image.model, route, body: body.text, bound, estimates,
    request: { ...request, body: body.text, form: "image" },
    ...charges(price, bound, image.model, route),
    asked: () => JSON.stringify(writeImageRequest(image, { model: image.model, stream: streamed })),
    prompt: () => ({ text: image.prompt, pieces: 0 }),
    knownTokens: undefined,
    isClamped: false,
  };
}

/** What it uses at most, and what it is taken to use where nothing is reported: by the image where it is priced so, else by the token. */
function useOf(image: ImageRequest, { bytes }: SentBody, price: ModelPrice): { bound: Bound; estimates: MeterQuantity[] } {
  const used = imagesUsed(image, price);
  const rest = { isText: false, mediaTokens: 0, answers: undefined };
  if (used !== undefined) return { bound: { usage: { inputTokens: 0n, outputTokens: 0n, beside: [used] }, ...rest }, estimates: [used] };
  const outputTokens = imageTokens(image);
  const usage = { inputTokens: BigInt(bytes), outputTokens, inputMeters: TEXT_INPUT_METERS, outputMeters: ["output_tokens", "output_image_tokens"] };
  return { bound: { usage, ...rest }, estimates: [{ meter: "output_image_tokens", quantity: outputTokens }] };
}
