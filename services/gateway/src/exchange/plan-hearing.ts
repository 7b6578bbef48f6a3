import { hash } from "node:crypto";
import type { MeterQuantity, ModelPrice, TranscriptionRequest, TranslationRequest } from "@alfred/contracts";
import { writeTranscriptionRequest, writeTranslationRequest } from "@alfred/openai";
import { TEXT_INPUT_METERS } from "@alfred/money";
import type { Route } from "../domain/route.ts";
import type { Bound, SentBody } from "../domain/worst-case.ts";
import { type Sound, secondsUsed, soundTokens, soundUse } from "../media/sound-use.ts";
import type { HearingDialect, Mapped } from "../providers/dialect.ts";
import { dialectOf } from "../providers/dialects.ts";
import { writeForm } from "../providers/form-body.ts";
import { type Plan, charges, requirePrice, requireSupport, targetOf, toBody, written } from "./plan.ts";
import { hasNone, takeOption } from "./unsupported.ts";

/** What a known voice is at most, in seconds. Source: https://platform.openai.com/docs/api-reference/audio/createTranscription */
const REFERENCE_S = 10;

/** What is heard, and by whom it is asked. */
interface Hearing {
  readonly operation: "transcription" | "translation";
  readonly streamed: boolean;
  readonly model: string;
  readonly sound: Sound;
  readonly prompt: string;
  /** What is heard besides, in seconds. */
  readonly besideS: number;
  readonly drops: boolean;
  map(hearing: HearingDialect): Mapped;
  written(): object;
}

/**
 * Plans a transcription, for which nobody but a model that listens can be asked.
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN
 */
export function planTranscription(transcription: TranscriptionRequest, sound: Sound, route: Route, streamed: boolean): Plan {
  const { asked, drops } = takeOption(transcription);
  return plan({
    operation: "transcription", streamed, model: transcription.model, sound, drops,
    prompt: [asked.prompt ?? "", ...asked.keywords].join("\n"),
    besideS: asked.knownSpeakerReferences.length * REFERENCE_S,
    map: (hearing) => hearing.transcription(asked, sound.file, targetOf(route), streamed),
    written: () => writeTranscriptionRequest(transcription, { model: transcription.model, stream: streamed }),
  }, route);
}

/**
 * Plans a translation.
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN
 */
export function planTranslation(translation: TranslationRequest, sound: Sound, route: Route): Plan {
  const { asked, drops } = takeOption(translation);
  return plan({
    operation: "translation", streamed: false, model: translation.model, sound, drops,
    prompt: asked.prompt ?? "",
    besideS: 0,
    map: (hearing) => hearing.translation?.(asked, sound.file, targetOf(route)) ?? none("translations", route),
    written: () => writeTranslationRequest(translation, translation),
  }, route);
}

function plan(heard: Hearing, route: Route): Plan {
  const { operation, streamed, model, sound, prompt, besideS, drops } = heard;
  const { hearing } = dialectOf(route.upstream);
  if (hearing === undefined) throw hasNone("transcriptions", route.upstream.id);
  const price = requirePrice(route, model);
  const mapped = written(() => heard.map(hearing));
  requireSupport(mapped, route, drops);
  const { url, headers, body: fields, files = [] } = mapped.request;
  const body = toBody(fields);
  const { bound, estimates } = useOf(sound, body, price, { besideS, leastS: hearing.leastSeconds });
  return {
    operation, streamed, requestedModel: model, route, body: body.text, bound, estimates,
    request: { url, headers, body: body.text, form: "transcription", upload: writeForm(fields, files) },
    ...charges(price, bound, model, route),
    asked: () => JSON.stringify([heard.written(), hash("sha256", sound.file.content)]),
    prompt: () => ({ text: prompt, pieces: 0 }),
    knownTokens: undefined,
    isClamped: false,
  };
}

/** What it uses at most, and what it is taken to use where nothing is reported: by the second where it is priced so, else by the token. */
function useOf(heard: Sound, { bytes }: SentBody, price: ModelPrice, { besideS, leastS }: { besideS: number; leastS: number }): { bound: Bound; estimates: MeterQuantity[] } {
  const rest = { isText: false, mediaTokens: 0, answers: undefined };
  const sound = soundUse(heard, besideS, leastS);
  const [most, likely] = [secondsUsed(sound.mostS, price), secondsUsed(sound.likelyS, price)];
  if (most !== undefined && likely !== undefined) return { bound: { usage: { inputTokens: 0n, outputTokens: 0n, beside: [most] }, ...rest }, estimates: [likely] };
  const { mostHeard, mostWritten, likelyHeard, likelyWritten } = soundTokens(sound);
  const usage = { inputTokens: BigInt(bytes) + mostHeard, outputTokens: mostWritten, inputMeters: [...TEXT_INPUT_METERS, "input_audio_tokens"] };
  return { bound: { usage, ...rest }, estimates: [{ meter: "input_audio_tokens", quantity: likelyHeard }, { meter: "output_tokens", quantity: likelyWritten }] };
}

function none(what: string, { upstream }: Route): never {
  throw hasNone(what, upstream.id);
}
