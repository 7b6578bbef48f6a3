import type { EstimatePriceRequest, EstimatePriceResponse, ModelUsage } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import { type Priced, estimate } from "../dry-run/estimate.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { askedOf } from "./asked-of.ts";
import { checkModel } from "./validate.ts";

const MAX_METERS = 64;
const METER = /^[a-z][a-z0-9_]{0,63}$/;
const MAX_QUANTITY = 10n ** 15n;

/** Prices quantities of a model's meters, or a whole request, wherever the key's request could go. */
export async function estimatePrice(parts: ExchangeParts, request: EstimatePriceRequest, context: CallContext): Promise<EstimatePriceResponse> {
  return estimate(parts, pricedOf(parts, request, context), context);
}

function pricedOf(parts: ExchangeParts, { subject }: EstimatePriceRequest, context: CallContext): Priced {
  if (subject === undefined) throw invalid("subject", "set");
  return subject.$case === "request" ? { asked: askedOf(parts, subject.value, context) } : { usage: checkUsage(subject.value) };
}

/** @throws AlfredError INVALID_ARGUMENT */
function checkUsage(usage: ModelUsage): ModelUsage {
  const { model, quantities } = usage;
  checkModel(model);
  if (quantities.length === 0 || quantities.length > MAX_METERS) throw invalid("quantities", `1 to ${MAX_METERS} meters`);
  if (new Set(quantities.map(({ meter }) => meter)).size < quantities.length) throw invalid("quantities", "of each meter once");
  for (const { meter, quantity } of quantities) {
    if (!METER.test(meter)) throw invalid("quantities", "by names of meters, as input_tokens");
    if (quantity < 0n || quantity > MAX_QUANTITY) throw invalid(`quantities.${meter}`, `from 0 to ${MAX_QUANTITY}`);
  }
  return usage;
}

function invalid(field: string, expected: string): AlfredError {
  return fail("INVALID_ARGUMENT", `\`${field}\` must be ${expected}.`, { metadata: { field } });
}
