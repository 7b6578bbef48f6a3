import { invalidField } from "@alfred/openai";
import { type Exchange, header, sendJson } from "../http/exchange.ts";
import { dryRunHeaders } from "../http/headers.ts";
import { callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import { writeDryRun } from "./dry-run-body.ts";
import { nothingToTry, wouldAsk } from "./would-ask.ts";

/** A route by which models are asked, as far as a dry run of it goes. */
interface Tried {
  readonly method: string;
  readonly isFree?: string;
  handle(parts: ModelParts, exchange: Exchange): Promise<void>;
}

/**
 * Answers a request, or with `x-alfred-dry-run: true` tells what would become of it. What only reads is answered as always;
 * what costs nothing and changes something has no dry run.
 *
 * @throws AlfredError INVALID_ARGUMENT
 */
export async function answerOrTry(route: Tried, parts: ModelParts, exchange: Exchange): Promise<void> {
  const { method, isFree, handle } = route;
  if (wishOf(exchange) === "false") return handle(parts, exchange);
  // Its body is read first: who is refused while still sending may never see why.
  const request = method === "GET" || isFree !== undefined ? undefined : await wouldAsk(handle, parts, exchange);
  if (isDryRun(exchange) && method === "GET") return handle(parts, exchange);
  if (request === undefined) throw nothingToTry(exchange);
  const told = await parts.gateway.dryRun(request, callOptions(exchange));
  sendJson(exchange.response, 200, writeDryRun(told), dryRunHeaders(told));
}

/** Whether only a dry run is asked for. @throws AlfredError INVALID_ARGUMENT */
export function isDryRun(exchange: Exchange): boolean {
  const value = wishOf(exchange);
  if (value !== "true" && value !== "false") throw invalidField("x-alfred-dry-run", '"true" or "false"');
  return value === "true";
}

function wishOf({ request }: Exchange): string {
  return header(request, "x-alfred-dry-run") ?? "false";
}
