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
  if (!isDryRun(exchange) || route.method === "GET") return route.handle(parts, exchange);
  if (route.isFree !== undefined) throw nothingToTry(exchange);
  const told = await parts.gateway.dryRun(await wouldAsk(route.handle, parts, exchange), callOptions(exchange));
  sendJson(exchange.response, 200, writeDryRun(told), dryRunHeaders(told));
}

/** Whether only a dry run is asked for. @throws AlfredError INVALID_ARGUMENT */
export function isDryRun({ request }: Pick<Exchange, "request">): boolean {
  const value = header(request, "x-alfred-dry-run") ?? "false";
  if (value !== "true" && value !== "false") throw invalidField("x-alfred-dry-run", '"true" or "false"');
  return value === "true";
}
