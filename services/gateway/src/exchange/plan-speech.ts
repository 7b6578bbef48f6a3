import type { MeterQuantity, SpeechRequest } from "@alfred/contracts";
import { writeSpeechRequest } from "@alfred/openai";
import { TEXT_INPUT_METERS } from "@alfred/money";
import type { Route } from "../domain/route.ts";
import type { Bound } from "../domain/worst-case.ts";
import { charactersUsed, speechTokens } from "../media/speech-use.ts";
import { dialectOf } from "../providers/dialects.ts";
import { type Plan, charges, requirePrice, targetOf, toBody, written } from "./plan.ts";
import { hasNone, takeOption } from "./unsupported.ts";

/**
 * Plans speech. Where it is priced by the token events are asked for, whatever the client wants: bytes alone tell no usage.
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN
 */
export function planSpeech(speech: SpeechRequest, route: Route): Plan {
  const { speech: speaks } = dialectOf(route.upstream);
  if (speaks === undefined) throw hasNone("speech", route.upstream.id);
  const price = requirePrice(route, speech.model);
  const { asked } = takeOption(speech);
  const characters = charactersUsed(asked, price);
  const isByToken = characters === undefined && !price.free;
  const { request } = written(() => speaks.request(isByToken ? { ...asked, streamFormat: "sse" } : asked, targetOf(route)));
  const body = toBody(request.body);
  const { bound, estimates } = useOf(asked, characters, body.bytes);
  const { input, instructions = "" } = speech;
  return {
    operation: "speech", streamed: true, requestedModel: speech.model, route, body: body.text, bound, estimates,
    request: { ...request, body: body.text, form: "speech" },
    ...charges(price, bound, speech.model, route),
    asked: () => JSON.stringify(writeSpeechRequest(speech, speech)),
    prompt: () => ({ text: `${input}\n${instructions}`, pieces: 0 }),
    knownTokens: undefined,
    isClamped: false,
  };
}

/** What it uses at most, and what it is taken to use where nothing is reported. */
function useOf(speech: SpeechRequest, characters: MeterQuantity | undefined, bytes: number): { bound: Bound; estimates: MeterQuantity[] } {
  const rest = { isText: false, mediaTokens: 0, answers: undefined };
  const { most, likely } = speechTokens(speech);
  if (characters !== undefined) return { bound: { usage: { inputTokens: 0n, outputTokens: 0n, beside: [characters] }, ...rest }, estimates: [characters] };
  const usage = { inputTokens: BigInt(bytes), outputTokens: most, inputMeters: TEXT_INPUT_METERS, outputMeters: ["output_tokens", "output_audio_tokens"] };
  return { bound: { usage, ...rest }, estimates: [{ meter: "output_audio_tokens", quantity: likely }] };
}
