import { type AccountPath, Key, type Model } from "@alfred/contracts";
import { AlfredError } from "@alfred/errors";
import { modelOf } from "../domain/catalogue.ts";
import { NO_CHARGE } from "../domain/charge.ts";
import type { Routable } from "./asked-facts.ts";
import type { Payer } from "./caller.ts";
import { chooseByRule } from "./choose-routes.ts";
import type { ExchangeParts } from "./parts.ts";

type ModelParts = Pick<ExchangeParts, "feeds" | "strategy" | "targets" | "random" | "now">;

/** The smallest of requests: without labels, headers, and text. */
const NOTHING: ReturnType<Routable["plan"]> = {
  bound: { usage: { inputTokens: 0n, outputTokens: 0n }, isText: true, mediaTokens: 0, answers: undefined },
  worst: NO_CHARGE,
};
const NOBODY: AccountPath = { organisationId: "", timeZone: "UTC", accounts: [] };

/** The models that only rules for routes have under these names, where they send a plain request of the key's for it. */
export function ruledModels(parts: ModelParts, key: Key | undefined, names: Iterable<string>): Model[] {
  return [...names].map((name) => ruledModel(parts, key, name)).filter((model) => model !== undefined);
}

/** One of them; undefined where no rule sends such a request anywhere, or the key may not ask for it. */
export function ruledModel(parts: ModelParts, key: Key | undefined, name: string): Model | undefined {
  const payer: Payer = { key: key ?? Key.create(), path: key?.path ?? NOBODY };
  try {
    const chosen = chooseByRule(parts, { call: undefined, model: name, plan: () => NOTHING }, payer, parts.now());
    return chosen && modelOf(name, chosen.routes.find(({ price }) => price !== undefined) ?? chosen.routes[0]);
  } catch (error) {
    if (error instanceof AlfredError) return undefined;
    throw error;
  }
}
