/** What a call deletes: what it or another call has put ends, and what is given under the same id applies again. */
import { RouteRuleSource } from "@alfred/contracts";
import { notFound, notNow } from "../domain/refusal.ts";
import type { AlfredError } from "@alfred/errors";
import { findAliases } from "../store/aliases.ts";
import { findDeployments } from "../store/deployments.ts";
import type { StoreTransaction } from "../store/mutations.ts";
import { findProvider } from "../store/providers.ts";
import { findRouteRules } from "../store/route-rules.ts";
import type { SecretBox } from "../store/secret-box.ts";
import { removeAlias, removeDeployment, removeProvider, removeRouteRule } from "../write-config.ts";
import type { Given } from "./given.ts";
import { needOf } from "./needed.ts";
import { writeGivenAlias, writeGivenDeployment, writeGivenProvider, writeGivenRule } from "./write-given.ts";

/**
 * Ends a provider. Errors: NOT_FOUND; FAILED_PRECONDITION for one that is given, which is removed where it is given, and
 * while it has deployments that nothing would serve, or runs batches.
 */
export async function releaseProvider(transaction: StoreTransaction, secrets: SecretBox, given: Given, id: string): Promise<void> {
  const before = await findProvider(transaction.sql, id);
  if (before === undefined) throw notFound("provider", id);
  const own = given.providers.find(({ terms }) => terms.id === id);
  if (own !== undefined && before.provider.source !== "api") throw isGiven(`Provider "${id}"`, own.by);
  if (own !== undefined) return writeGivenProvider(transaction, secrets, own, before);
  const need = await needOf(transaction.sql, id);
  if (need !== undefined) throw notNow(`Provider "${id}" has ${need.what}`, need.hint);
  return removeProvider(transaction, id);
}

/** Ends a deployment. Errors: NOT_FOUND; FAILED_PRECONDITION for one that is given. */
export async function releaseDeployment(transaction: StoreTransaction, given: Given, id: string): Promise<void> {
  const [before] = await findDeployments(transaction.sql, [id]);
  if (before === undefined) throw notFound("deployment", id);
  const own = given.deployments.find(({ terms }) => terms.id === id);
  if (own !== undefined && before.source !== "api") throw isGiven(`Deployment "${id}"`, own.by);
  if (own === undefined) return removeDeployment(transaction, id);
  const { providerId } = own.terms;
  if ((await findProvider(transaction.sql, providerId)) === undefined) {
    throw notNow(`The provider "${providerId}" of the deployment "${id}" in ${own.by} is gone`, "Put it, or remove the deployment there.");
  }
  return writeGivenDeployment(transaction, own, before);
}

/** Ends an alias. Errors: NOT_FOUND; FAILED_PRECONDITION for one that is given. */
export async function releaseAlias(transaction: StoreTransaction, given: Given, alias: string): Promise<void> {
  const [before] = await findAliases(transaction.sql, [alias]);
  if (before === undefined) throw notFound("alias", alias);
  const own = given.aliases.find(({ terms }) => terms.alias === alias);
  if (own !== undefined && before.source !== "api") throw isGiven(`Alias "${alias}"`, own.by);
  return own === undefined ? removeAlias(transaction, alias) : writeGivenAlias(transaction, own, before);
}

/** Ends a rule for routes. Errors: NOT_FOUND; FAILED_PRECONDITION for one that is given. */
export async function releaseRouteRule(transaction: StoreTransaction, given: Given, id: string): Promise<void> {
  const [before] = await findRouteRules(transaction.sql, [id]);
  if (before === undefined) throw notFound("route rule", id);
  const own = given.rules.find(({ terms }) => terms.rule.id === id);
  if (own !== undefined && before.source !== RouteRuleSource.ROUTE_RULE_SOURCE_API) throw isGiven(`Rule "${id}"`, own.by);
  return own === undefined ? removeRouteRule(transaction, id) : writeGivenRule(transaction, own, before);
}

function isGiven(what: string, by: string): AlfredError {
  return notNow(`${what} is given by ${by}`, `Remove it there, or put another under its id: what a call puts counts before ${by}.`);
}
