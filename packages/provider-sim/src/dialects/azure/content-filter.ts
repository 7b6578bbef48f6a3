import type { Frame } from "../../dialect.ts";
import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";

const SAFE = { filtered: false, severity: "safe" };

/** What the filters say of a text that is harmless. */
const HARMLESS = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE };

/** What they say of a prompt: that it tries nothing, too. */
const PROMPT_RESULTS = [{ prompt_index: 0, content_filter_results: { ...HARMLESS, jailbreak: { filtered: false, detected: false } } }];

/** What they say of a prompt that is refused. */
export const REFUSED_PROMPT = { ...HARMLESS, violence: { filtered: true, severity: "medium" }, jailbreak: { filtered: false, detected: false } };

/**
 * An answer of OpenAI's form with what Azure's filters found, and without the tier, of which Azure does not tell.
 *
 * Source: https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
 */
export function filteredAnswer(json: string): string {
  const { service_tier: _, ...answer } = objectOf(json);
  return JSON.stringify({ ...withChoices(answer, true), prompt_filter_results: PROMPT_RESULTS });
}

/**
 * A stream likewise. It begins with a chunk of no choice that tells what was found in the prompt; a choice has what was
 * found in its text, an empty object where it says nothing.
 */
export function* filteredFrames(frames: Iterable<string>): Generator<Frame, void, undefined> {
  yield JSON.stringify({ choices: [], created: 0, id: "", model: "", object: "", prompt_filter_results: PROMPT_RESULTS });
  for (const frame of frames) {
    const { service_tier: _, ...chunk } = objectOf(frame);
    yield JSON.stringify(withChoices(chunk, false));
  }
}

function objectOf(json: string): JsonObject {
  const value: unknown = JSON.parse(json);
  return isObject(value) ? value : {};
}

function withChoices(answer: JsonObject, isWhole: boolean): JsonObject {
  const choices = isArray(answer["choices"]) ? answer["choices"].filter(isObject) : [];
  return { ...answer, choices: choices.map((choice) => withResults(choice, isWhole || says(choice) ? HARMLESS : {})) };
}

function withResults(choice: JsonObject, content_filter_results: object): JsonObject {
  return { ...choice, content_filter_results };
}

function says({ delta }: JsonObject): boolean {
  return isObject(delta) && typeof delta["content"] === "string" && delta["content"] !== "";
}
