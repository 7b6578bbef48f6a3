import { readImageEvent, readSpeechEvent, writeImageRequest, writeModerationRequest, writeSpeechRequest } from "@alfred/openai";
import type { PreparedRequest } from "../../domain/provider-port.ts";
import type { AboutStored, Dialect, Target, ProviderRequest } from "../dialect.ts";
import type { Asking } from "./asking.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { continuesTexts, readCompletions, toChunk, writeCompletions } from "./completions.ts";
import { EventReader } from "./event-reader.ts";
import { hearingOf } from "./hearing.ts";
import { ResponseReader, readResponseAnswer } from "./response-reader.ts";
import { writeResponse } from "./response.ts";
import type { Variant } from "./variant.ts";

type Faces = Pick<Dialect, "completions" | "responses" | "images" | "speech" | "hearing" | "moderations">;

/**
 * What OpenAI and Azure have beside chats and vectors, and of those like them Mistral and Groq, so far.
 * @param judges whether what stands behind the door judges what is said
 */
export function facesOf(request: Asking, judges: boolean, variant: Variant | undefined): Faces {
  if (variant === undefined) return { ...ownFaces(request), ...(judges && moderations(request, false)) };
  return { ...(variant.judgesTexts === true && moderations(request, true)), ...(variant.hearing && { hearing: hearingOf(request, variant.hearing) }) };
}

const IMAGE_PATHS = { image: "/images/generations", image_edit: "/images/edits", image_variation: "/images/variations" } as const;

/** Of variations nothing is said. */
function withoutPrompt(body: ProviderRequest["body"]): ProviderRequest["body"] {
  const { prompt, ...rest } = body;
  return prompt === "" ? rest : body;
}

function ownFaces(request: Asking): Faces {
  return {
    completions: {
      takes: continuesTexts,
      request: (asked, target, streamed) => ({ request: request(target, "/completions", writeCompletions(asked, target.model, streamed)) }),
      readChat: readCompletions,
      streamChat: () => new ChunkReader(toChunk),
    },
    responses: {
      request: (asked, target, streamed) => ({ request: request(target, "/responses", writeResponse(asked, { model: target.model, stream: streamed })), unsupported: [] }),
      stored: (about, target) => aboutStored(request, about, target),
      readChat: readResponseAnswer,
      streamChat: () => new ResponseReader(),
    },
    images: {
      request: (asked, target, streamed, sources) => ({
        request: request(target, IMAGE_PATHS[sources?.operation ?? "image"], withoutPrompt(writeImageRequest(asked, { model: target.model, stream: streamed })), sources?.files),
      }),
      streamChat: () => new EventReader(readImageEvent, /\.completed$/),
    },
    speech: {
      request: (asked, target) => ({ request: request(target, "/audio/speech", writeSpeechRequest(asked, target)) }),
      streamChat: () => new EventReader(readSpeechEvent, /^speech\.audio\.done$/, "audio"),
    },
    hearing: hearingOf(request),
  };
}

function aboutStored(request: Asking, { method, id, part, query }: AboutStored, target: Target): PreparedRequest {
  const { url, headers } = request(target, `/responses/${encodeURIComponent(id)}${part === undefined ? "" : `/${part}`}`, {});
  const asked = query.size === 0 ? "" : `${url.includes("?") ? "&" : "?"}${query.toString()}`;
  return { method, url: url + asked, headers, body: "" };
}

function moderations(request: Asking, ofTextsAlone: boolean): Faces {
  return {
    moderations: (asked, target) => ({
      request: request(target, "/moderations", writeModerationRequest(asked, target)),
      unsupported: ofTextsAlone && asked.input?.$case === "parts" ? ["input"] : [],
    }),
  };
}
