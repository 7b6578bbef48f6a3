import type { CreateImageEditRequest, CreateImageEditResponse, CreateImageRequest, CreateImageResponse, CreateImageVariationRequest, CreateImageVariationResponse, ImageList, MeterQuantity } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { StreamedText } from "../domain/streamed-text.ts";
import { type Asked, openExchange } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import type { Plan } from "../exchange/plan.ts";
import { tokenUsageOf } from "../media/usage.ts";
import { readImages } from "../providers/openai/form.ts";
import { askedImage } from "./asked-media.ts";
import { checkCall, checkImage, checkImageEdit, checkImageVariation } from "./validate.ts";

/** Draws images. */
export async function createImage(parts: ExchangeParts, request: CreateImageRequest, context: CallContext): Promise<CreateImageResponse> {
  const image = checkImage(request.image);
  const call = checkCall(request.call);
  return draw(parts, { call, ...askedImage(image, false) }, context);
}

/** Draws images of other images. */
export async function createImageEdit(parts: ExchangeParts, request: CreateImageEditRequest, context: CallContext): Promise<CreateImageEditResponse> {
  const { image, sources } = checkImageEdit(request);
  const call = checkCall(request.call);
  return draw(parts, { call, ...askedImage(image, false, sources) }, context);
}

/** Draws images that are like another. */
export async function createImageVariation(parts: ExchangeParts, request: CreateImageVariationRequest, context: CallContext): Promise<CreateImageVariationResponse> {
  const { image, sources } = checkImageVariation(request);
  const call = checkCall(request.call);
  return draw(parts, { call, ...askedImage(image, false, sources) }, context);
}

async function draw(parts: ExchangeParts, asked: Asked, context: CallContext): Promise<CreateImageResponse> {
  const exchange = await openExchange(parts, asked, context);
  const { message: list, firstByteMs } = await exchange.attempt((upstream) => parts.provider.ask(upstream, readImages));
  const { plan, rateLimit } = exchange.subject;
  const usage = list.usage && tokenUsageOf(list.usage);
  const { receipt } = await exchange.answered({ usage, measured: drawn(plan, list), said: new StreamedText(), firstByteMs, lastByteMs: undefined }, false);
  return { list, receipt, rateLimit };
}

/** The images that came, where they are priced by the image. */
function drawn({ bound }: Plan, { data }: ImageList): MeterQuantity[] | undefined {
  return bound.usage.beside?.map(({ meter }) => ({ meter, quantity: BigInt(data.length) }));
}
