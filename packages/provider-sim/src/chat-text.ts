import type { Behaviour } from "./behaviour.ts";
import type { ChatAsk } from "./chat-ask.ts";
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

interface StoppedText {
  readonly pieces: readonly string[];
  readonly stopSequence: string | null;
}

/** What one choice says, and the stop sequence that ended it. */
export type SpokenContent = SpokenText & StoppedText;

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

/** The text up to the stop sequence that comes first, and which one that was. */
function stopped(pieces: readonly string[], stops: readonly string[]): StoppedText {
  if (stops.length === 0) return { pieces, stopSequence: null };
  const text = pieces.join("");
  let end = Infinity;
  let stopSequence: string | null = null;
  for (const stop of stops) {
    const at = stop === "" ? -1 : text.indexOf(stop);
    if (at < 0 || at >= end) continue;
    end = at;
    stopSequence = stop;
  }
  return stopSequence === null ? { pieces, stopSequence } : { pieces: splitSimTokens(text.slice(0, end)), stopSequence };
}

function jsonText({ responseFormat: format, userText }: ChatAsk, choice: number): string {
  if (format.type === "json_schema") return JSON.stringify(schemaExample(format.schema));
  return JSON.stringify({ answer: splitSimTokens(sentence(userText, choice), ECHO_TOKENS).join("") });
}

/** The content of one choice: an echo of the user's text, or JSON where the request wants JSON; stop sequences and limit observed. */
export function spokenContent(ask: ChatAsk, behaviour: Behaviour, choice: number, limit: number): SpokenContent {
  const isText = ask.responseFormat.type === "text";
  const said = isText ? echoed(ask.userText, choice, behaviour.tokens) : splitSimTokens(jsonText(ask, choice));
  const { pieces, stopSequence } = stopped(said, ask.stop);
  const { pieces: kept, cut } = limited(pieces, limit);
  return { pieces: kept, cut, stopSequence: cut ? null : stopSequence };
}

/** The refusal of one choice. */
export function spokenRefusal(limit: number): SpokenText {
  return limited(splitSimTokens(REFUSAL), limit);
}

/** What the model thinks, token by token, for the dialects that show it. */
export function* spokenReasoning(tokens: number): Generator<string, void, undefined> {
  for (let index = 0; index < tokens; index += 1) yield index === 0 ? "Thinking" : (FILLER[(index - 1) % FILLER.length] ?? "");
}

/** At most `limit` of the tokens. */
export function limited(pieces: readonly string[], limit: number): SpokenText {
  return pieces.length <= limit ? { pieces, cut: false } : { pieces: pieces.slice(0, limit), cut: true };
}
