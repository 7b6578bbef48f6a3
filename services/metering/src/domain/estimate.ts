import type { EstimateCostRequest, MeterQuantity, ModelPrice } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { costOf, type PriceBook, unpricedMeters } from "@alfred/money";
import { invalid } from "./refusal.ts";

const MAX_NAME = 256;
const MAX_METERS = 64;
const MAX_QUANTITY = 10n ** 15n;
const METER = /^[a-z][a-z0-9_]{0,63}$/;

/** A cost and the price that it comes from. */
export interface Estimate {
  costNanos: bigint;
  price: ModelPrice;
}

/**
 * What quantities cost at a time.
 *
 * @throws AlfredError INVALID_ARGUMENT, or PRICE_UNKNOWN where the model or a meter has no price
 */
export function estimate(book: PriceBook, request: EstimateCostRequest, at: Date): Estimate {
  const { provider, model, quantities } = request;
  checkName("provider", provider);
  checkName("model", model);
  checkQuantities(quantities);
  const price = book.find(provider, model, at);
  if (price === undefined) throw unknownPrice(provider, model);
  const costNanos = costOf(price, quantities);
  if (costNanos === undefined) throw unknownPrice(provider, model, unpricedMeters(price, quantities).join(", "));
  return { costNanos, price };
}

function checkName(field: string, name: string): void {
  if (name.trim() !== "" && name.length <= MAX_NAME) return;
  throw invalid(field, `must have 1 to ${MAX_NAME} characters`, "Name the provider of the price book and its model.");
}

function checkQuantities(quantities: readonly MeterQuantity[]): void {
  if (quantities.length > MAX_METERS) throw invalid("quantities", `${quantities.length} are too many`, `Use at most ${MAX_METERS}.`);
  if (new Set(quantities.map(({ meter }) => meter)).size < quantities.length) throw invalid("quantities", "name a meter twice", "Name each once.");
  for (const [index, { meter, quantity }] of quantities.entries()) {
    const field = `quantities[${index}]`;
    if (!METER.test(meter)) throw invalid(`${field}.meter`, "is not the name of a meter", "Use a meter such as input_tokens.");
    if (quantity < 0n || quantity > MAX_QUANTITY) {
      throw invalid(`${field}.quantity`, `not between 0 and ${MAX_QUANTITY}`, "State how much would be used.");
    }
  }
}

function unknownPrice(provider: string, model: string, meters?: string): AlfredError {
  const what = meters === undefined ? `${provider}/${model}` : `${meters} of ${provider}/${model}`;
  return fail("PRICE_UNKNOWN", `There is no price for ${what}.`, {
    hint: "Give it one in the file that ALFRED_PRICES_FILE names.",
    metadata: { provider, model },
  });
}
