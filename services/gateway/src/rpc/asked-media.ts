import type { DryRunRequest, ImageRequest, SpeechRequest } from "@alfred/contracts";
import type { Asked } from "../exchange/open.ts";
import { planTranscription, planTranslation } from "../exchange/plan-hearing.ts";
import { planImage } from "../exchange/plan-image.ts";
import { planSpeech } from "../exchange/plan-speech.ts";
import { Sound } from "../media/sound-use.ts";
import type { ImageSources } from "../providers/dialect.ts";
import { checkImage, checkImageEdit, checkImageVariation, checkSound, checkSpeech } from "./validate.ts";

/** A request for images or sound, or about them. */
type Media = Extract<DryRunRequest["asked"], { $case: "image" | "edit" | "variation" | "speech" | "transcription" | "translation" }>;

/** A validated body as it is asked, by its own RPCs and by a dry run alike. */
type Body = Omit<Asked, "call">;

/** @param sources what they are to be images of; undefined where that is text alone */
export function askedImage(image: ImageRequest, streamed: boolean, sources?: ImageSources): Body {
  return { operation: sources?.operation ?? "image", model: image.model, plan: (found) => planImage(image, found, streamed, sources) };
}

export function askedSpeech(speech: SpeechRequest): Body {
  return { operation: "speech", model: speech.model, plan: (found) => planSpeech(speech, found) };
}

/** @throws AlfredError INVALID_ARGUMENT */
export function askedTranscription(request: Extract<Media, { $case: "transcription" }>["value"], streamed: boolean): Body {
  const { asked, file } = checkSound(request.transcription, request.file, "transcription");
  const sound = new Sound(file);
  return { operation: "transcription", model: asked.model, plan: (found) => planTranscription(asked, sound, found, streamed) };
}

/** @throws AlfredError INVALID_ARGUMENT */
export function askedTranslation(request: Extract<Media, { $case: "translation" }>["value"]): Body {
  const { asked, file } = checkSound(request.translation, request.file, "translation");
  const sound = new Sound(file);
  return { operation: "translation", model: asked.model, plan: (found) => planTranslation(asked, sound, found) };
}

/** The same of images and sound. @throws AlfredError INVALID_ARGUMENT */
export function askedMedia(asked: Media, streamed: boolean): Body {
  switch (asked.$case) {
    case "image":
      return askedImage(checkImage(asked.value), streamed);
    case "edit": {
      const { image, sources } = checkImageEdit(asked.value);
      return askedImage(image, streamed, sources);
    }
    case "variation": {
      const { image, sources } = checkImageVariation(asked.value);
      return askedImage(image, false, sources);
    }
    case "speech":
      return askedSpeech(checkSpeech(asked.value));
    case "transcription":
      return askedTranscription(asked.value, streamed);
    case "translation":
      return askedTranslation(asked.value);
  }
}
