import type { Behaviour } from "./behaviour.ts";
import type { ChatRequest } from "./chat-request.ts";
import { withoutDirectives } from "./directives.ts";
import { schemaExample } from "./schema-example.ts";
import { splitSimTokens } from "./tokens.ts";

/** Tokens of an answer for which nobody asked for a length; a long question is not repeated whole. */
const ECHO_TOKENS = 64;

const FILLER = [" and", " so", " the", " river", " runs", " past", " seven", " quiet", " mills", " down", " to", " a", " wide", " grey", " sea", ","];

const REFUSAL = "I cannot help with that.";

/** The tokens that one choice says, and whether a limit cut it short. */
export interface SpokenText {
  readonly pieces: readonly string[];
  readonly cut: boolean;
}

function sentence(userText: string, choice: number): string {
  const said = withoutDirectives(userText);
  const echo = said === "" ? "You said nothing." : `You said: ${said}`;
  return choice === 0 ? echo : `Choice ${choice}. ${echo}`;
}

/** Exactly `count` tokens: those of the sentence, then filler words over and over. */
function sized(pieces: readonly string[], count: number): string[] {
  const fill = Math.max(0, count - pieces.length);
  const filler = Array.from({ length: fill }, (_, index) => FILLER[index % FILLER.length] ?? "");
  return [...pieces.slice(0, count), ...filler];
}

function echoed(userText: string, choice: number, tokens: number | undefined): readonly string[] {
  const pieces = splitSimTokens(sentence(userText, choice), tokens ?? ECHO_TOKENS);
  return tokens === undefined ? pieces : sized(pieces, tokens);
}

function stopped(pieces: readonly string[], stops: readonly string[]): readonly string[] {
  if (stops.length === 0) return pieces;
  const text = pieces.join("");
  const ends = stops.map((stop) => (stop === "" ? -1 : text.indexOf(stop))).filter((at) => at >= 0);
  return ends.length === 0 ? pieces : splitSimTokens(text.slice(0, Math.min(...ends)));
}

function jsonText(request: ChatRequest, userText: string, choice: number): string {
  const format = request.responseFormat;
  if (format.type === "json_schema") return JSON.stringify(schemaExample(format.schema));
  return JSON.stringify({ answer: splitSimTokens(sentence(userText, choice), ECHO_TOKENS).join("") });
}

/** The content of one choice: an echo of the user's text, or JSON where the request wants JSON; stop sequences and limit observed. */
export function spokenContent(
  request: ChatRequest,
  behaviour: Behaviour,
  userText: string,
  choice: number,
  limit: number,
): SpokenText {
  const isText = request.responseFormat.type === "text";
  const said = isText
    ? echoed(userText, choice, behaviour.tokens)
    : splitSimTokens(jsonText(request, userText, choice));
  return limited(stopped(said, request.stop), limit);
}

/** The refusal of one choice. */
export function spokenRefusal(limit: number): SpokenText {
  return limited(splitSimTokens(REFUSAL), limit);
}

/** At most `limit` of the tokens. */
export function limited(pieces: readonly string[], limit: number): SpokenText {
  return pieces.length <= limit ? { pieces, cut: false } : { pieces: pieces.slice(0, limit), cut: true };
}
