import type { MediaFile } from "@alfred/contracts";
import { FieldMismatch, readTranscription, readTranscriptionEvent, writeTranscriptionRequest, writeTranslationRequest } from "@alfred/openai";
import { heardUsage } from "../../media/usage.ts";
import type { Heard, HearingDialect, Mapped, ProviderRequest, RequestFile, Target } from "../dialect.ts";
import { requireObject } from "../loose-json.ts";
import type { Asking } from "./asking.ts";
import { EventReader } from "./event-reader.ts";
import type { HearingVariant } from "./variant.ts";

const FORMAT = "response_format";
/** Others' names for sound that is elsewhere: how long that is nobody here can know. */
const ELSEWHERE = ["url", "file_url", "file_id"];

/**
 * How sound is sent to be written down. Events are asked for of those alone that document OpenAI's.
 *
 * Source: https://platform.openai.com/docs/api-reference/audio
 */
export function hearingOf(request: Asking, variant?: HearingVariant): HearingDialect {
  const mapped = (target: Target, path: string, body: ProviderRequest["body"], file: MediaFile): Mapped => {
    const { sent, unsupported } = adapted(body, variant);
    return { request: request(target, path, sent, [toFile(file)]), unsupported };
  };
  return {
    leastSeconds: variant?.leastSeconds ?? 0,
    transcription: (asked, file, target, streamed) =>
      mapped(target, "/audio/transcriptions", writeTranscriptionRequest(asked, { model: target.model, stream: streamed && variant === undefined }), file),
    ...(variant?.translates !== false && {
      translation: (asked, file, target) => mapped(target, "/audio/translations", writeTranslationRequest(asked, target), file),
    } satisfies Partial<HearingDialect>),
    read: (json) => read(json, variant),
    streamChat: () => new EventReader(readTranscriptionEvent, /^transcript\.text\.done$/, "text"),
  };
}

/** The fields that are sent, and those that cannot be. */
function adapted(body: ProviderRequest["body"], variant: HearingVariant | undefined): { sent: ProviderRequest["body"]; unsupported: string[] } {
  const refused = new Set([...ELSEWHERE, ...(variant?.lacking ?? [])]);
  const format = body[FORMAT] ?? undefined;
  if (variant !== undefined && format !== undefined && !variant.formats.some((each) => each === format)) refused.add(FORMAT);
  const unsupported = Object.keys(body).filter((name) => refused.has(name) && body[name] !== null);
  const isUsual = variant !== undefined && format === variant.formats[0];
  return { sent: Object.fromEntries(Object.entries(body).filter(([name]) => !refused.has(name) && !(isUsual && name === FORMAT))), unsupported };
}

function toFile({ filename, contentType, content }: MediaFile): RequestFile {
  return { field: "file", filename, contentType, content };
}

function read(json: unknown, variant: HearingVariant | undefined): Heard {
  const answer = requireObject(json);
  variant?.hear?.(answer);
  if (typeof answer["text"] !== "string") throw new FieldMismatch("a string").under("text");
  const transcription = readTranscription(answer);
  return { transcription, usage: heardUsage(transcription, variant?.leastSeconds ?? 0) };
}
