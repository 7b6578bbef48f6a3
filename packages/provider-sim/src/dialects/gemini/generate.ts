import type { ChatAnswer, ChoiceAnswer } from "../../chat-answer.ts";
import type { Frame, Stamp } from "../../dialect.ts";
import { averageLogprob, logprobsResult } from "./logprobs.ts";
import { answerPieces, endingOf, isSigned } from "./pieces.ts";
import type { AnswerPiece } from "./pieces.ts";
import type { GenerateAsk } from "./request.ts";
import { sign } from "./signature.ts";
import { usageObject } from "./usage.ts";

type Part = Record<string, unknown>;

function tail({ model }: GenerateAsk, { sequence }: Stamp): object {
  return { modelVersion: model, responseId: `sim-${sequence}` };
}

/** The answer as a `GenerateContentResponse`. Source: https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse */
export function generateJson(ask: GenerateAsk, answer: ChatAnswer, stamp: Stamp): string {
  const candidates = answer.choices.map((choice) => wholeCandidate(ask, choice, stamp));
  const usage = answer.usage === null ? {} : { usageMetadata: usageObject(answer.usage, ask.promptByModality) };
  return JSON.stringify({ candidates, ...usage, ...tail(ask, stamp) });
}

function wholeCandidate(ask: GenerateAsk, choice: ChoiceAnswer, stamp: Stamp): object {
  const parts = joined(answerPieces(ask, choice, stamp));
  const last = parts.at(-1);
  if (last !== undefined && signsText(ask, choice)) last["thoughtSignature"] = sign(stamp.sequence, "");
  const content = parts.length === 0 ? {} : { content: { parts, role: "model" } };
  const tokens = choice.content ?? [];
  const logprobs = ask.logprobs === undefined ? {} : { avgLogprobs: averageLogprob(tokens), logprobsResult: logprobsResult(tokens, ask.logprobs) };
  return { ...content, ...endingOf(choice), index: choice.index, ...logprobs };
}

/** Without a call the signature stands in the last part of what is said. */
function signsText(ask: GenerateAsk, choice: ChoiceAnswer): boolean {
  return choice.content !== null && isSigned(ask, choice);
}

/** The pieces of one text, or of one thought, are one part of a whole answer. */
function joined(pieces: Iterable<AnswerPiece>): Part[] {
  const parts: Part[] = [];
  for (const { part } of pieces) {
    const before = parts.at(-1);
    const goesOn = before !== undefined && typeof before["text"] === "string" && typeof part["text"] === "string" && before["thought"] === part["thought"];
    if (goesOn) before["text"] = `${String(before["text"])}${String(part["text"])}`;
    else parts.push({ ...part });
  }
  return parts;
}

/** Counts what a stream has told so far: each frame says it of the whole answer. */
class Progress {
  readonly #ask: GenerateAsk;
  readonly #answer: ChatAnswer;
  #completion = 0;
  #reasoning = 0;

  constructor(ask: GenerateAsk, answer: ChatAnswer) {
    this.#ask = ask;
    this.#answer = answer;
  }

  add(tokens: number, thoughts: number): void {
    this.#completion += tokens;
    this.#reasoning += thoughts;
  }

  usage(isLast: boolean): object {
    const { usage } = this.#answer;
    if (usage === null) return {};
    const isZero = usage.prompt + usage.completion === 0;
    const told = isLast || isZero ? usage : { ...usage, completion: this.#completion, reasoning: this.#reasoning };
    return { usageMetadata: usageObject(told, this.#ask.promptByModality) };
  }
}

/**
 * The answer as a stream of responses, each with what it adds, and usage that grows. The last of each candidate has the
 * reason of its end.
 *
 * Source: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export function* generateFrames(ask: GenerateAsk, answer: ChatAnswer, stamp: Stamp): Generator<Frame, void, undefined> {
  const progress = new Progress(ask, answer);
  const frame = (candidate: object, isLast: boolean) => JSON.stringify({ candidates: [candidate], ...progress.usage(isLast), ...tail(ask, stamp) });
  for (const [position, choice] of answer.choices.entries()) {
    const { index } = choice;
    if (!ask.thinking.isShown) progress.add(choice.reasoningTokens, choice.reasoningTokens);
    for (const { part, tokens, thoughts } of answerPieces(ask, choice, stamp)) {
      progress.add(tokens, thoughts);
      yield frame({ content: { parts: [part], role: "model" }, index, ...pieceLogprobs(ask, part) }, false);
    }
    yield frame({ ...lastContent(ask, choice, stamp), ...endingOf(choice), index }, position === answer.choices.length - 1);
  }
}

function pieceLogprobs({ logprobs }: GenerateAsk, { text, thought }: Part): object {
  return logprobs === undefined || typeof text !== "string" || thought === true ? {} : { logprobsResult: logprobsResult([text], logprobs) };
}

/** What was said ends in an empty text, which carries the signature where there is one. */
function lastContent(ask: GenerateAsk, choice: ChoiceAnswer, { sequence }: Stamp): object {
  if (choice.content === null) return {};
  const signed = signsText(ask, choice) ? { thoughtSignature: sign(sequence, "") } : {};
  return { content: { parts: [{ text: "", ...signed }], role: "model" } };
}
