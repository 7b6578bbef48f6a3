import type { StreamImageEditRequest, StreamImageRequest, StreamImageResponse } from "@alfred/contracts";
import { parseJson, readImageEvent } from "@alfred/openai";
import type { CallContext } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import { askedImage } from "./asked-media.ts";
import { type Teller, streamAnswer } from "./stream-answer.ts";
import { checkCall, checkImage, checkImageEdit } from "./validate.ts";

type Event = StreamImageResponse;

/** Draws an image and shows it as it comes. */
export function streamImage(parts: ExchangeParts, request: StreamImageRequest, context: CallContext): AsyncGenerator<Event, void> {
  const image = checkImage(request.image);
  const call = checkCall(request.call);
  const asked = { call, ...askedImage(image, true) };
  return streamAnswer(parts, { asked, wantsUsage: false, tell: () => TELLER, keepsFrames: () => true }, context);
}

/** Draws an image of other images and shows it as it comes. */
export function streamImageEdit(parts: ExchangeParts, request: StreamImageEditRequest, context: CallContext): AsyncGenerator<Event, void> {
  const { image, sources } = checkImageEdit(request);
  const call = checkCall(request.call);
  const asked = { call, ...askedImage(image, true, sources) };
  return streamAnswer(parts, { asked, wantsUsage: false, tell: () => TELLER, keepsFrames: () => true }, context);
}

const TELLER: Teller<Event> = {
  started: (value) => ({ event: { $case: "started", value } }),
  *said(_chunks, stream) {
    for (const { data } of stream.takeFrames()) {
      if (data !== "" && data !== "[DONE]") yield { event: { $case: "piece", value: readImageEvent(parseJson(data)) } };
    }
  },
  ended: ({ receipt }) => [{ event: { $case: "ended", value: { receipt } } }],
};
