import type { MeterQuantity, TokenUsage } from "@alfred/contracts";

/** No request takes more, where nothing tells how much it can take. */
const MOST_TOKENS = 1_000_000_000n;
/** Told beside the tokens, under the meter's own name. */
const SECONDS = "input_audio_seconds";

/**
 * A provider's usage as disjoint meters: what was cached, spoken or thought is taken out of the totals it is part of.
 * Counts of zero are counts. Undefined where it cannot be: a negative count, more than any model takes, or no word of an
 * answer that there is.
 *
 * Reasoning counts within `completion_tokens`, as at OpenAI, unless the provider's sum says that it stands beside it.
 *
 * @param hasAnswer whether tokens were generated, as for chats and not for embeddings
 * @param mostTokens what the request can have taken at most; who reports more is mistaken
 */
export function quantitiesOf(usage: TokenUsage, hasAnswer = true, mostTokens = MOST_TOKENS): MeterQuantity[] | undefined {
  // Sound that is told by its length is no word of tokens.
  if (secondsOf(usage) !== undefined) return undefined;
  const prompt = usage.promptTokens;
  const answer = answerOf(usage, hasAnswer);
  if (prompt < 0n || answer === undefined || answer < 0n) return undefined;
  const reasoning = natural(usage.completionTokensDetails?.reasoningTokens);
  const within = reasoning <= answer && usage.totalTokens !== prompt + answer + reasoning;
  const whole = within || reasoning === 0n ? answer : answer + reasoning;
  if (prompt + whole > mostTokens) return undefined;
  const quantities: MeterQuantity[] = [];
  divide(quantities, "input_tokens", prompt, promptParts(usage));
  divide(quantities, "output_tokens", whole, answerParts(usage, reasoning));
  // Told beside the tokens, under the meter's own name, by dialects that know what is billed so.
  add(quantities, "web_searches", natural(integer(usage.extra["web_searches"])));
  add(quantities, "requests", 1n);
  return quantities;
}

/** Of an answer that is not counted by itself the sum may tell. */
function answerOf({ promptTokens, completionTokens, totalTokens }: TokenUsage, hasAnswer: boolean): bigint | undefined {
  if (completionTokens !== undefined) return completionTokens;
  if (totalTokens > promptTokens) return totalTokens - promptTokens;
  return hasAnswer ? undefined : 0n;
}

/** Sound that was heard, where the provider tells its length and not its tokens. */
export function secondsOf({ extra }: TokenUsage): MeterQuantity | undefined {
  const quantity = integer(extra[SECONDS]);
  return quantity === undefined ? undefined : { meter: SECONDS, quantity };
}

/** Counted tokens as quantities of one request. */
export function countedQuantities(inputTokens: bigint, outputTokens: bigint): MeterQuantity[] {
  const quantities: MeterQuantity[] = [];
  add(quantities, "input_tokens", inputTokens);
  add(quantities, "output_tokens", outputTokens);
  add(quantities, "requests", 1n);
  return quantities;
}

type Parts = Readonly<Record<string, bigint>>;

function promptParts({ promptTokensDetails: details, extra }: TokenUsage): Parts {
  const written = natural(integer(details?.extra["cache_write_tokens"]));
  const forAnHour = natural(integer(details?.extra["cache_write_1h_tokens"]));
  return {
    // DeepSeek's name for the same stands beside the totals.
    cache_read_tokens: natural(details?.cachedTokens ?? integer(extra["prompt_cache_hit_tokens"])),
    // Anthropic's dearer caches are within what it has written in all.
    cache_write_1h_tokens: forAnHour,
    cache_write_tokens: natural(written - forAnHour),
    input_audio_tokens: natural(details?.audioTokens),
    input_image_tokens: natural(integer(details?.extra["image_tokens"])),
  };
}

function answerParts({ completionTokensDetails: details }: TokenUsage, reasoning: bigint): Parts {
  return {
    reasoning_tokens: reasoning,
    output_audio_tokens: natural(details?.audioTokens),
    output_image_tokens: natural(integer(details?.extra["image_tokens"])),
  };
}

/** Takes the parts out of the whole, each at most what the ones before it left. */
function divide(quantities: MeterQuantity[], wholeMeter: string, whole: bigint, parts: Parts): void {
  let left = whole;
  for (const meter in parts) {
    const wanted = parts[meter] ?? 0n;
    const part = wanted < left ? wanted : left;
    add(quantities, meter, part);
    left -= part;
  }
  add(quantities, wholeMeter, left);
}

function add(quantities: MeterQuantity[], meter: string, quantity: bigint): void {
  if (quantity > 0n) quantities.push({ meter, quantity });
}

function natural(value: bigint | undefined): bigint {
  return value !== undefined && value > 0n ? value : 0n;
}

function integer(json: string | undefined): bigint | undefined {
  return json !== undefined && /^\d{1,18}$/.test(json) ? BigInt(json) : undefined;
}
