import type { Call, Endpoint } from "../../dialect.ts";
import { invalidType, invalidValue, isObject, missing, optionalObject, requiredString } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import { countSimTokens } from "../../tokens.ts";

/** What is objectionable, and whether it can be seen in an image, too. */
const CATEGORIES: Readonly<Record<string, boolean>> = {
  harassment: false, "harassment/threatening": false, hate: false, "hate/threatening": false, illicit: false, "illicit/violent": false,
  "self-harm": true, "self-harm/instructions": true, "self-harm/intent": true, sexual: true, "sexual/minors": false, violence: true, "violence/graphic": true,
};
/** What the simulator objects to, and nothing else: made to be checked by hand. */
const VIOLENT = /\b(?:kill|attack)\b/i;
const DEFAULT_MODEL = "omni-moderation-latest";

/** One text, or one set of parts. */
interface Judged {
  readonly text: string;
  readonly hasText: boolean;
  readonly hasImage: boolean;
}

/** How a judgement is written. */
export interface ModerationWire {
  /** The request in OpenAI's form. @throws SimError for what the provider would refuse */
  read(call: Call): JsonObject;
  /** @param tokens null reports no usage */
  write?(list: { readonly model: string; readonly violent: readonly boolean[] }, sequence: number, tokens: number | null): object;
}

/** The endpoint that judges texts and images. Source: https://platform.openai.com/docs/api-reference/moderations/create */
export function moderationsEndpoint({ read, write }: ModerationWire): Endpoint {
  return {
    name: "moderations",
    prepare(call) {
      const body = read(call);
      const model = body["model"] === undefined ? DEFAULT_MODEL : requiredString(body, "model");
      const judged = readInput(body["input"], model);
      const tokens = judged.reduce((sum, { text }) => sum + countSimTokens(text), 0);
      return {
        model,
        stream: false,
        text: judged[0]?.text ?? "",
        answer({ noUsage }, { sequence }) {
          const violent = judged.map(({ text }) => VIOLENT.test(text));
          const list = write?.({ model, violent }, sequence, noUsage ? null : tokens) ?? { id: `modr-sim-${sequence}`, model, results: judged.map(resultOf) };
          return { kind: "body", json: JSON.stringify(list), spent: { prompt: tokens, completion: 0 } };
        },
      };
    },
  };
}

function readInput(input: unknown, model: string): readonly Judged[] {
  if (input === undefined || input === null) throw missing("input");
  if (typeof input === "string") return [textOf(input)];
  if (!Array.isArray(input)) throw invalidType("input", "a string or an array");
  if (input.length === 0) throw invalidValue("input", "at least one item");
  if (input.every((item) => typeof item === "string")) return input.map((item) => textOf(item));
  if (!model.startsWith("omni")) throw invalidRequest(`Model '${model}' only supports text input.`, "input");
  const parts = input.map(readPart);
  return [{ text: parts.map(({ text }) => text).join(" "), hasText: parts.some(({ hasText }) => hasText), hasImage: parts.some(({ hasImage }) => hasImage) }];
}

function textOf(text: string): Judged {
  return { text, hasText: true, hasImage: false };
}

function readPart(part: unknown): Judged {
  if (!isObject(part)) throw invalidType("input", "objects with a type");
  if (part["type"] === "text") return textOf(requiredString(part, "text"));
  if (part["type"] !== "image_url") throw invalidValue("input[].type", "text or image_url");
  requiredString(optionalObject(part, "image_url") ?? {}, "url", "image_url.url");
  return { text: "", hasText: false, hasImage: true };
}

function resultOf({ text, hasText, hasImage }: Judged): object {
  const flagged = VIOLENT.test(text);
  return {
    flagged,
    categories: byCategory((name) => flagged && name === "violence"),
    category_scores: byCategory((name) => (flagged && name === "violence" ? 0.875 : 0.125)),
    category_applied_input_types: byCategory((_name, isSeen) => [...(hasText ? ["text"] : []), ...(hasImage && isSeen ? ["image"] : [])]),
  };
}

function byCategory(value: (name: string, isSeen: boolean) => unknown): object {
  return Object.fromEntries(Object.entries(CATEGORIES).map(([name, isSeen]) => [name, value(name, isSeen)]));
}
