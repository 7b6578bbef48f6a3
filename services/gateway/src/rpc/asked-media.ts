import type { DryRunRequest } from "@alfred/contracts";
import type { Asked } from "../exchange/open.ts";
import { planTranscription, planTranslation } from "../exchange/plan-hearing.ts";
import { planImage } from "../exchange/plan-image.ts";
import { planSpeech } from "../exchange/plan-speech.ts";
import { checkImage, checkImageEdit, checkImageVariation, checkSound, checkSpeech } from "./validate.ts";

/** A request for images or sound, or about them. */
type Media = Extract<DryRunRequest["asked"], { $case: "image" | "edit" | "variation" | "speech" | "transcription" | "translation" }>;

/** The same of images and sound. @throws AlfredError INVALID_ARGUMENT */
export function askedMedia(asked: Media, streamed: boolean): Omit<Asked, "call"> {
  switch (asked.$case) {
    case "image": {
      const image = checkImage(asked.value);
      return { operation: "image", model: image.model, plan: (found) => planImage(image, found, streamed) };
    }
    case "edit": {
      const { image, sources } = checkImageEdit(asked.value);
      return { operation: sources.operation, model: image.model, plan: (found) => planImage(image, found, streamed, sources) };
    }
    case "variation": {
      const { image, sources } = checkImageVariation(asked.value);
      return { operation: sources.operation, model: image.model, plan: (found) => planImage(image, found, false, sources) };
    }
    case "speech": {
      const speech = checkSpeech(asked.value);
      return { operation: "speech", model: speech.model, plan: (found) => planSpeech(speech, found) };
    }
    case "transcription": {
      const { asked: transcription, file } = checkSound(asked.value.transcription, asked.value.file, "transcription");
      return { operation: "transcription", model: transcription.model, plan: (found) => planTranscription(transcription, file, found, streamed) };
    }
    case "translation": {
      const { asked: translation, file } = checkSound(asked.value.translation, asked.value.file, "translation");
      return { operation: "translation", model: translation.model, plan: (found) => planTranslation(translation, file, found) };
    }
  }
}
