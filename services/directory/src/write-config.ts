/** Writes to the configuration, each with its change and its event. */
import type { RouteRule } from "@alfred/contracts";

import { aliasDeleted, aliasPut, deploymentDeleted, deploymentPut, providerDeleted, providerPut, routeRuleDeleted, routeRulePut } from "./events.ts";
import type { Alias } from "./domain/alias.ts";
import type { Deployment, SealedProvider } from "./domain/provider.ts";
import { deleteAlias, putAlias } from "./store/aliases.ts";
import { noteChange } from "./store/changes.ts";
import { deleteDeployment, putDeployment } from "./store/deployments.ts";
import type { StoreTransaction } from "./store/mutations.ts";
import { deleteProvider, putProvider } from "./store/providers.ts";
import { deleteRouteRule, putRouteRule } from "./store/route-rules.ts";

/** Makes or replaces a provider. */
export async function writeSealedProvider(transaction: StoreTransaction, sealed: SealedProvider): Promise<void> {
  await putProvider(transaction.sql, sealed);
  await noteChange(transaction.sql, "provider", sealed.provider.id);
  await providerPut(transaction, sealed.provider);
}

/** Removes a provider that has no deployments. */
export async function removeProvider(transaction: StoreTransaction, id: string): Promise<void> {
  await deleteProvider(transaction.sql, id);
  await noteChange(transaction.sql, "provider", id, true);
  await providerDeleted(transaction, id);
}

/** Makes or replaces a deployment. */
export async function writeDeployment(transaction: StoreTransaction, deployment: Deployment): Promise<void> {
  await putDeployment(transaction.sql, deployment);
  await noteChange(transaction.sql, "deployment", deployment.id);
  await deploymentPut(transaction, deployment);
}

/** Removes a deployment. */
export async function removeDeployment(transaction: StoreTransaction, id: string): Promise<void> {
  await deleteDeployment(transaction.sql, id);
  await noteChange(transaction.sql, "deployment", id, true);
  await deploymentDeleted(transaction, id);
}

/** Makes or replaces an alias. */
export async function writeAlias(transaction: StoreTransaction, alias: Alias): Promise<void> {
  await putAlias(transaction.sql, alias);
  await noteChange(transaction.sql, "alias", alias.alias);
  await aliasPut(transaction, alias);
}

/** Removes an alias. */
export async function removeAlias(transaction: StoreTransaction, alias: string): Promise<void> {
  await deleteAlias(transaction.sql, alias);
  await noteChange(transaction.sql, "alias", alias, true);
  await aliasDeleted(transaction, alias);
}

/** Makes or replaces a rule for routes. @returns it as it is then */
export async function writeRouteRule(transaction: StoreTransaction, rule: RouteRule): Promise<RouteRule> {
  const written = await putRouteRule(transaction.sql, rule);
  await noteChange(transaction.sql, "route_rule", rule.id);
  await routeRulePut(transaction, written);
  return written;
}

/** Removes a rule for routes. */
export async function removeRouteRule(transaction: StoreTransaction, id: string): Promise<void> {
  await deleteRouteRule(transaction.sql, id);
  await noteChange(transaction.sql, "route_rule", id, true);
  await routeRuleDeleted(transaction, id);
}
