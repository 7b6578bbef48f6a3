/** Single objects that are given, written where they differ from what is stored. */
import type { RouteRule } from "@alfred/contracts";

import type { Alias, AliasTerms } from "../domain/alias.ts";
import type { Deployment, SealedProvider } from "../domain/provider.ts";
import type { StoreTransaction } from "../store/mutations.ts";
import { SealBrokenError } from "../store/secret-box.ts";
import type { SecretBox } from "../store/secret-box.ts";
import { findKey } from "../store/keys.ts";
import { findNode } from "../store/nodes.ts";
import { routeRuleText } from "../store/route-rules.ts";
import { withPayers } from "../rpc/payers.ts";
import { writeAlias, writeDeployment, writeRouteRule, writeSealedProvider } from "../write-config.ts";
import type { GivenDeployment, GivenProvider, GivenRule, Sourced } from "./given.ts";

/** Writes a provider, unless it is stored like that already. */
export async function writeGivenProvider(
  transaction: StoreTransaction,
  secrets: SecretBox,
  given: Sourced<GivenProvider>,
  before: SealedProvider | undefined,
): Promise<void> {
  if (before !== undefined && isSameProvider(before, secrets, given)) return;
  const { secret, ...terms } = providerOf(given.terms);
  const sealedSecret = secret === "" ? undefined : secrets.seal(secret, terms.id);
  const provider = { ...terms, hasSecret: secret !== "", source: given.source, updateTime: transaction.now };
  await writeSealedProvider(transaction, { provider, sealedSecret });
}

/** Writes a deployment likewise; its provider must exist. */
export async function writeGivenDeployment(
  transaction: StoreTransaction,
  { terms, source }: Sourced<GivenDeployment>,
  before: Deployment | undefined,
): Promise<void> {
  const { id, model, providerId, upstreamModel, weight } = terms;
  const isSame = before?.source === source && before.model === model && before.providerId === providerId;
  if (isSame && before.upstreamModel === upstreamModel && before.weight === weight) return;
  await writeDeployment(transaction, { id, model, providerId, upstreamModel, weight, source, updateTime: transaction.now });
}

/** Writes an alias likewise. */
export async function writeGivenAlias(
  transaction: StoreTransaction,
  { terms, source }: Sourced<AliasTerms>,
  before: Alias | undefined,
): Promise<void> {
  if (before?.source === source && before.model === terms.model) return;
  await writeAlias(transaction, { ...terms, source, updateTime: transaction.now });
}

/** Writes a rule for routes likewise. Errors: INVALID_ARGUMENT where an account that it names cannot pay. */
export async function writeGivenRule(transaction: StoreTransaction, { terms }: Sourced<GivenRule>, before: RouteRule | undefined): Promise<void> {
  const { sql, now: updateTime } = transaction;
  const rule = await withPayers({ findNode: (id) => findNode(sql, id), findKey: (id) => findKey(sql, id) }, terms.rule);
  if (before?.source === rule.source && routeRuleText(before) === routeRuleText(rule)) return;
  await writeRouteRule(transaction, { ...rule, updateTime });
}

/** What is stored of a provider, without what only whoever gave it knows. */
function providerOf({ id, kind, baseUrl, secret, priceBook, region, apiVersion }: GivenProvider): GivenProvider {
  return { id, kind, baseUrl, secret, priceBook, region, apiVersion };
}

function isSameProvider(before: SealedProvider, secrets: SecretBox, { terms, source }: Sourced<GivenProvider>): boolean {
  const { provider, sealedSecret } = before;
  const { kind, baseUrl, priceBook, region, apiVersion } = terms;
  if (provider.source !== source || provider.kind !== kind || provider.baseUrl !== baseUrl) return false;
  if (provider.priceBook !== priceBook || provider.region !== region || provider.apiVersion !== apiVersion) return false;
  try {
    return (sealedSecret === undefined ? "" : secrets.open(sealedSecret, provider.id)) === terms.secret;
  } catch (error) {
    // Sealed under an older master key; the secret is given anew.
    if (error instanceof SealBrokenError) return false;
    throw error;
  }
}
