/** The providers that the environment gives: those whose keys are set there, else the bundled simulator. */
import type { Provider, ProviderKind, SealedProvider } from "../domain/provider.ts";
import { countDeployments } from "../store/deployments.ts";
import type { StoreTransaction } from "../store/mutations.ts";
import { listProviders } from "../store/providers.ts";
import { SealBrokenError } from "../store/secret-box.ts";
import type { SecretBox } from "../store/secret-box.ts";
import { removeProvider, writeSealedProvider } from "../write-config.ts";

/** A provider as the environment gives it. */
export interface Upstream {
  readonly id: string;
  readonly kind: ProviderKind;
  readonly baseUrl: string;
  /** Empty where it needs none. */
  readonly secret: string;
  readonly priceBook: string;
  /** The variables that it comes from. */
  readonly variables: readonly string[];
}

/** Most providers looked at; far more than anyone configures. */
const MOST = 1_000;

/**
 * Applies the environment's providers, each unless a call has put one of its id or one that serves the same price book.
 * One that the environment gave before and gives no longer is removed, except while it has deployments; where it gives
 * none at all, all stay.
 *
 * @returns those that calls have put, which the environment leaves alone
 */
export async function seedUpstreams(
  transaction: StoreTransaction,
  secrets: SecretBox,
  upstreams: readonly Upstream[],
): Promise<Upstream[]> {
  if (upstreams.length === 0) return [];
  const known = await listProviders(transaction.sql, "", MOST);
  const ids = new Set(upstreams.map(({ id }) => id));
  for (const { provider } of known) {
    if (provider.origin === "environment" && !ids.has(provider.id)) await retire(transaction, provider);
  }
  const kept = upstreams.filter((upstream) => known.some(({ provider }) => isPutByCall(provider, upstream)));
  for (const upstream of upstreams) {
    const before = known.find(({ provider }) => provider.id === upstream.id);
    if (kept.includes(upstream) || (before !== undefined && isSame(before, secrets, upstream))) continue;
    await writeSealedProvider(transaction, sealed(upstream, secrets, transaction.now));
  }
  return kept;
}

function isPutByCall({ origin, id, priceBook }: Provider, upstream: Upstream): boolean {
  return origin === "api" && (id === upstream.id || priceBook === upstream.priceBook);
}

async function retire(transaction: StoreTransaction, provider: Provider): Promise<void> {
  if ((await countDeployments(transaction.sql, provider.id)) === 0) await removeProvider(transaction, provider.id);
}

function sealed(upstream: Upstream, secrets: SecretBox, updateTime: Date): SealedProvider {
  const { id, kind, baseUrl, secret, priceBook } = upstream;
  const sealedSecret = secret === "" ? undefined : secrets.seal(secret, id);
  const provider = { id, kind, baseUrl, hasSecret: secret !== "", priceBook, origin: "environment", updateTime } as const;
  return { provider, sealedSecret };
}

function isSame({ provider, sealedSecret }: SealedProvider, secrets: SecretBox, upstream: Upstream): boolean {
  const { kind, baseUrl, priceBook } = upstream;
  if (provider.kind !== kind || provider.baseUrl !== baseUrl || provider.priceBook !== priceBook) return false;
  try {
    return (sealedSecret === undefined ? "" : secrets.open(sealedSecret, provider.id)) === upstream.secret;
  } catch (error) {
    // Sealed under an older master key; the environment gives the secret anew.
    if (error instanceof SealBrokenError) return false;
    throw error;
  }
}
