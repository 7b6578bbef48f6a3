import { type ChatCompletion, type KeptObject, type TokenUsage, UsageSource } from "@alfred/contracts";
import { AlfredError, fail, isFailure } from "@alfred/errors";
import { FieldMismatch, isObject, parseJson } from "@alfred/openai";
import type { Route, Upstream } from "../domain/route.ts";
import { StreamedText } from "../domain/streamed-text.ts";
import { countedQuantities, quantitiesOf } from "../domain/usage.ts";
import { isGone } from "../exchange/failure.ts";
import { mostTokensOf } from "../exchange/outcome.ts";
import { dialectOf } from "../providers/dialects.ts";
import { keptRequest, keptStep } from "../providers/openai/keeping.ts";
import { estimateAnswer, estimatePrompt } from "../tokens/estimate.ts";
import { readBatchLine } from "./batch-line.ts";
import type { BatchParts } from "./batch-parts.ts";
import { type BatchResult, type BatchState, type BatchUsed, type FileThere, stateOf } from "./batch-state.ts";
import { BatchUse } from "./batch-use.ts";
import { type Asking, keeperOf, readKeeper } from "./keeper.ts";
import { linesOf } from "./kept-lines.ts";

/** Where tokens are generated. */
const HAVE_ANSWERS = new Set(["/v1/chat/completions", "/v1/responses", "/v1/completions"]);

/** How old a batch is when it is known or given up, in milliseconds: its day is long over, and its money still held. */
const OVERDUE_MS = 36 * 3_600_000;

/** Whether a batch that its provider does not know, or whose answers nobody can read, is given up. */
export function isOverdue({ now }: Pick<BatchParts, "now">, { createTime }: KeptObject): boolean {
  return createTime !== undefined && now() - createTime.getTime() > OVERDUE_MS;
}

/** The files that a provider has written, by its ids; empty where there is none. */
export interface Written {
  readonly output: string;
  readonly error: string;
}

/** What is known of an answer. */
interface Heard {
  readonly usage: TokenUsage | undefined;
  readonly said: StreamedText;
}

/**
 * Reads what came of a batch, line by line, and sums what it used. Answers of which the provider tells no usage are counted here, by
 * the input file; where one of the files is gone, or cannot be read though there was time to mend it, nobody can tell, and all that was held is charged.
 *
 * @throws AlfredError PROVIDER_* where the files cannot be had now
 */
export async function resultOf(parts: BatchParts, object: KeptObject, written: Written, asking: Asking): Promise<BatchResult> {
  const state = stateOf(object);
  const upstream = keeperOf(parts, object.providerId);
  const use = new BatchUse(state.price);
  /** How long the answers are that have to be counted, by their names in the batch. */
  const uncounted = new Map<string, bigint>();
  const reading = { parts, state, upstream, asking, use, uncounted };
  try {
    const output = await readAnswers(reading, written.output);
    const error = await readAnswers(reading, written.error);
    if (uncounted.size > 0) await countPrompts(reading);
    return { ...use.total(state.held.nanos), output, error };
  } catch (failure) {
    const isUnread = isOverdue(parts, object) && isFailure(failure, "PROVIDER_MALFORMED");
    if (!isUnread && !(failure instanceof AlfredError && isGone(failure))) throw failure;
    return { ...allHeld(state), output: { upstreamId: written.output, bytes: 0 }, error: { upstreamId: written.error, bytes: 0 } };
  }
}

/** What is charged for a batch that its provider does not know any more: it may have run, so all that was held. */
export function resultOfLost(state: BatchState): BatchResult {
  const nothing = { upstreamId: "", bytes: 0 };
  return { ...allHeld(state), output: nothing, error: nothing };
}

function allHeld({ held, lines }: BatchState): BatchUsed {
  const quantities = [{ meter: "input_tokens", quantity: held.tokens }, { meter: "requests", quantity: BigInt(lines) }];
  return { quantities, source: UsageSource.USAGE_SOURCE_INDETERMINATE, charge: held };
}

interface Reading {
  readonly parts: BatchParts;
  readonly state: BatchState;
  readonly upstream: Upstream;
  readonly asking: Asking;
  readonly use: BatchUse;
  readonly uncounted: Map<string, bigint>;
}

async function readAnswers(reading: Reading, upstreamId: string): Promise<FileThere> {
  let bytes = 0;
  if (upstreamId === "") return { upstreamId, bytes };
  const counted = async function* counted(): AsyncGenerator<Buffer, void> {
    for await (const piece of contentOf(reading, upstreamId)) {
      bytes += piece.length;
      yield piece;
    }
  };
  try {
    for await (const { text } of linesOf(counted())) await readAnswer(reading, text);
  } catch (error) {
    // Nobody but the provider wrote it.
    throw isFailure(error, "INVALID_ARGUMENT") ? unreadable() : error;
  }
  return { upstreamId, bytes };
}

function contentOf({ parts, upstream, asking }: Reading, upstreamId: string): AsyncIterable<Buffer> {
  return readKeeper(parts.provider, upstream, keptRequest(upstream, `/files/${keptStep(upstreamId)}/content`, { method: "GET" }), asking);
}

/** Errors are billed by nobody; whatever has an answer is. */
async function readAnswer(reading: Reading, text: string): Promise<void> {
  const { parts, state, use, uncounted, upstream } = reading;
  const line = jsonOf(text);
  const { status_code: status, body } = isObject(line["response"]) ? line["response"] : {};
  if (status !== 200 || !isObject(body)) return;
  const { usage, said } = hear(upstream, state, body);
  // No line can have taken more than all of them were held for, but for a context that is larger than is known.
  const quantities = usage && quantitiesOf(usage, HAVE_ANSWERS.has(state.terms.endpoint), mostTokensOf(state.held.tokens, state.price));
  if (quantities !== undefined) return use.add(quantities);
  if (state.price.free) return use.add([{ meter: "requests", quantity: 1n }]);
  uncounted.set(String(line["custom_id"]), await estimateAnswer(parts.tokenizer, state.model, said));
}

/** @throws AlfredError PROVIDER_MALFORMED */
function jsonOf(text: string): Record<string, unknown> {
  try {
    const json = parseJson(text);
    if (isObject(json)) return json;
  } catch {
    // Told like any other line that is no object.
  }
  throw unreadable();
}

function unreadable(): AlfredError {
  return fail("PROVIDER_MALFORMED", "What came of a batch is not lines of JSON, an object in each.");
}

/** What an answer tells of its usage, and what it says; of one that cannot be understood nothing. */
function hear(upstream: Upstream, { terms: { endpoint }, model }: BatchState, body: unknown): Heard {
  const said = new StreamedText();
  try {
    const answer = answerOf(upstream, endpoint, model, body);
    if ("choices" in answer) said.addCompletion(answer);
    return { usage: answer.usage, said };
  } catch (error) {
    if (!(error instanceof FieldMismatch)) throw error;
    return { usage: undefined, said };
  }
}

function answerOf(upstream: Upstream, endpoint: string, model: string, body: unknown): ChatCompletion | { readonly usage: TokenUsage | undefined } {
  const { completions, responses, embeddings, readChat } = dialectOf(upstream);
  if (endpoint === "/v1/embeddings" && embeddings !== undefined) return embeddings.readEmbeddings(body, model);
  if (endpoint === "/v1/responses" && responses !== undefined) return responses.readChat(body);
  if (endpoint === "/v1/completions" && completions !== undefined) return completions.readChat(body);
  return endpoint === "/v1/moderations" ? { usage: undefined } : readChat(body);
}

/** Counts the prompts of answers without usage, as those of requests by themselves are. */
async function countPrompts(reading: Reading): Promise<void> {
  const { parts, state, upstream, use, uncounted } = reading;
  const route: Route = { upstream, model: state.model, price: state.price };
  for await (const text of linesOf(contentOf(reading, state.inputUpstreamId))) {
    const line = readBatchLine(text, state.terms.endpoint);
    const answer = uncounted.get(line.customId);
    if (answer === undefined) continue;
    const { bound, knownTokens, prompt } = line.plan(route);
    const counted = knownTokens ?? (await estimatePrompt(parts.tokenizer, state.model, prompt(), bound.mediaTokens));
    const { inputTokens, outputTokens } = bound.usage;
    use.add(countedQuantities(counted < inputTokens ? counted : inputTokens, answer < outputTokens ? answer : outputTokens), true);
  }
}
