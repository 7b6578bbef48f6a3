import type { Key } from "@alfred/contracts";
import { AlfredError, fail } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { PreparedRequest, ProviderPort } from "../domain/provider-port.ts";
import { modelsInReach } from "../domain/reach.ts";
import type { Upstream } from "../domain/route.ts";
import { asFailure } from "../exchange/failure.ts";
import { keepingOf, keepingOrder } from "../providers/openai/keeping.ts";
import type { KeptParts } from "./kept-parts.ts";

/** For how long, and for whom, a provider is asked. */
export interface Asking {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
}

/** What a file is to be kept for, and where. */
interface Keep {
  /** The provider's id, empty for any. */
  readonly provider: string;
  readonly purpose: string;
}

/**
 * The provider that is to keep a file for a key: the one named, else the first that keeps files for this purpose. Others than those that serve
 * what the key may use are not there for it.
 *
 * @throws AlfredError INVALID_ARGUMENT for one that is not there, FEATURE_UNSUPPORTED; UNAVAILABLE while it is not known what the key may use
 */
export function chooseKeeper(parts: Pick<KeptParts, "feeds" | "now">, key: Key, { provider: name, purpose }: Keep): Upstream {
  const providers = providersFor(parts, key);
  const named = name === "" ? firstKeeper(providers, purpose) : providers.get(name);
  if (named === undefined && name !== "") throw fail("INVALID_ARGUMENT", `There is no provider "${name.slice(0, MAX_NAME)}".`, { hint: keepersHint(providers), metadata: { field: "x-alfred-provider" } });
  if (named !== undefined && keepingOf(named) !== undefined) return named;
  throw fail("FEATURE_UNSUPPORTED", named === undefined ? "No provider here keeps files." : `The provider ${named.id} keeps no files.`, { hint: keepersHint(providers) });
}

const MAX_NAME = 64;

function providersFor({ feeds, now }: Pick<KeptParts, "feeds" | "now">, key: Key): ReadonlyMap<string, Upstream> {
  const { modelLists, prices, routes } = feeds;
  const lists = modelLists.of(key);
  if (lists.length === 0) return routes.providers;
  const reached = modelsInReach(routes, prices, lists, new Date(now()));
  return new Map([...routes.providers].filter(([id]) => reached.has(id)));
}

function firstKeeper(providers: ReadonlyMap<string, Upstream>, purpose: string): Upstream | undefined {
  const keepers = [...providers.values()].filter(keepingOf).toSorted((left, right) => keepingOrder(left) - keepingOrder(right));
  return keepers.find((each) => keepingOf(each)?.purposes.includes(purpose)) ?? keepers[0];
}

function keepersHint(providers: ReadonlyMap<string, Upstream>): string {
  const ids = [...providers.values()].filter(keepingOf).map(({ id }) => id);
  return ids.length === 0 ? "The operator can add a provider that keeps files: OpenAI, Azure or Groq." : `Name one of ${ids.join(", ")} in \`x-alfred-provider\`, or none.`;
}

/**
 * The provider that holds what was kept before: nobody else is ever asked for it.
 *
 * @throws AlfredError UNAVAILABLE where it is not configured any more
 */
export function keeperOf({ feeds }: Pick<KeptParts, "feeds">, providerId: string): Upstream {
  const upstream = feeds.routes.providers.get(providerId);
  if (upstream !== undefined) return upstream;
  throw fail("UNAVAILABLE", `The provider ${providerId}, which holds this, is not configured any more.`, { hint: "The operator can configure it again." });
}

/** Asks a provider for something that it answers with JSON. @throws AlfredError PROVIDER_* */
export async function askKeeper(provider: ProviderPort, upstream: Upstream, request: PreparedRequest, asking: Asking): Promise<unknown> {
  try {
    return (await provider.ask(callOf(upstream, request, asking), (json) => json)).message;
  } catch (error) {
    throw asFailure(error).error;
  }
}

/** Asks a provider for bytes. @throws AlfredError PROVIDER_*, also while they come */
export async function* readKeeper(provider: ProviderPort, upstream: Upstream, request: PreparedRequest, asking: Asking): AsyncGenerator<Buffer, void> {
  try {
    yield* await provider.read(callOf(upstream, request, asking));
  } catch (error) {
    throw asFailure(error).error;
  }
}

/** After anything else nobody knows. */
const REFUSED = new Set(["PROVIDER_REJECTED", "PROVIDER_RATE_LIMITED", "PROVIDER_UNAUTHENTICATED"]);

/** Whether a provider said that it has not taken what it was sent. */
export function isRefused(error: unknown): error is AlfredError {
  return error instanceof AlfredError && REFUSED.has(error.code);
}

function callOf(upstream: Upstream, request: PreparedRequest, { signal, deadlineMs }: Asking): Parameters<ProviderPort["read"]>[0] {
  return { upstream, model: "", request, requestId: newId("req"), signal, deadlineMs, onSent: () => undefined };
}
