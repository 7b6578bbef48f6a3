/** The provider that the environment gives: OpenAI where it is named there, else the bundled simulator. */
import type { Provider, SealedProvider } from "../domain/provider.ts";
import { countDeployments } from "../store/deployments.ts";
import type { StoreTransaction } from "../store/mutations.ts";
import { listProviders } from "../store/providers.ts";
import { SealBrokenError } from "../store/secret-box.ts";
import type { SecretBox } from "../store/secret-box.ts";
import { removeProvider, writeSealedProvider } from "../write-config.ts";

/** A provider as the environment gives it. */
export interface Upstream {
  readonly id: "openai" | "simulator";
  readonly baseUrl: string;
  /** Empty where it needs none. */
  readonly secret: string;
}

/** What became of it: "kept" where calls configured the providers, which the environment then leaves alone. */
export type UpstreamOutcome = "applied" | "unchanged" | "kept";

/** The price book whose models the environment's provider serves. */
const PRICE_BOOK = "openai";

/** Most providers looked at; far more than anyone configures. */
const MOST = 1_000;

/**
 * Applies the environment's provider, unless a call has put one of its id or one that serves the same price book. A
 * provider that the environment gave before and gives no longer is removed, except while it has deployments.
 */
export async function seedUpstream(
  transaction: StoreTransaction,
  secrets: SecretBox,
  upstream: Upstream,
): Promise<UpstreamOutcome> {
  const known = await listProviders(transaction.sql, "", MOST);
  if (
    known.some(
      ({ provider }) => provider.origin === "api" && (provider.id === upstream.id || provider.priceBook === PRICE_BOOK),
    )
  ) {
    return "kept";
  }
  for (const { provider } of known) {
    if (provider.origin === "environment" && provider.id !== upstream.id) await retire(transaction, provider);
  }
  const before = known.find(({ provider }) => provider.id === upstream.id);
  if (before !== undefined && isSame(before, secrets, upstream)) return "unchanged";
  await writeSealedProvider(transaction, sealed(upstream, secrets, transaction.now));
  return "applied";
}

async function retire(transaction: StoreTransaction, provider: Provider): Promise<void> {
  if ((await countDeployments(transaction.sql, provider.id)) === 0) await removeProvider(transaction, provider.id);
}

function sealed(upstream: Upstream, secrets: SecretBox, updateTime: Date): SealedProvider {
  const { id, baseUrl, secret } = upstream;
  const sealedSecret = secret === "" ? undefined : secrets.seal(secret, id);
  const provider = {
    id,
    kind: "openai",
    baseUrl,
    hasSecret: secret !== "",
    priceBook: PRICE_BOOK,
    origin: "environment",
    updateTime,
  } as const;
  return { provider, sealedSecret };
}

function isSame({ provider, sealedSecret }: SealedProvider, secrets: SecretBox, upstream: Upstream): boolean {
  if (provider.baseUrl !== upstream.baseUrl || provider.priceBook !== PRICE_BOOK) return false;
  try {
    return (sealedSecret === undefined ? "" : secrets.open(sealedSecret, provider.id)) === upstream.secret;
  } catch (error) {
    // Sealed under an older master key; the environment gives the secret anew.
    if (error instanceof SealBrokenError) return false;
    throw error;
  }
}
