import { fail } from "@alfred/errors";

/**
 * The model as a path: "models/gemini-3-pro", and what names its collection itself, as "tunedModels/x", as it is.
 *
 * @throws AlfredError INVALID_ARGUMENT where the name would lead elsewhere
 */
export function modelPath(model: string): string {
  const steps = (model.includes("/") ? model : `models/${model}`).split("/");
  if (steps.some((step) => /^\.{0,2}$/.test(step))) {
    throw fail("INVALID_ARGUMENT", "`model` is not a name that Gemini can have.", { metadata: { field: "model" } });
  }
  return steps.map(encodeURIComponent).join("/");
}

/** From which generation on a model thinks by levels, and asks for the signatures of its thoughts. */
const FIRST_BY_LEVEL = 3;
/** The generation that thinks by a budget of tokens. */
const FIRST_BY_BUDGET = 2.5;

/**
 * How a model is told to think, by its name; the names without a version ("gemini-flash-latest") lead to the newest.
 *
 * Source: https://ai.google.dev/gemini-api/docs/thinking
 */
export function thinkingOf(model: string): "level" | "budget" | "none" {
  const version = /gemini-(\d+(?:\.\d+)?)/.exec(model)?.[1];
  if (version === undefined) return /gemini-.*latest/.test(model) ? "level" : "none";
  if (Number(version) >= FIRST_BY_LEVEL) return "level";
  if (Number(version) >= FIRST_BY_BUDGET) return "budget";
  return "none";
}

/** A "pro" cannot be told not to think. */
export function alwaysThinks(model: string): boolean {
  return /gemini-.*pro/.test(model);
}

/** What a model answers with beside text, whatever it is asked for, by its name. Source: https://ai.google.dev/gemini-api/docs/image-generation */
export function answerMeters(model: string): string[] {
  return [...(/image/.test(model) ? ["output_image_tokens"] : []), ...(/tts|audio/.test(model) ? ["output_audio_tokens"] : [])];
}
