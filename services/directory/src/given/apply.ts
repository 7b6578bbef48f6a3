/** What the file and the environment give, brought into the database; what calls have put stays. */
import { RouteRuleSource } from "@alfred/contracts";
import { AlfredError } from "@alfred/errors";
import { MOST_RULES } from "../domain/route-rule.ts";
import { listAliases } from "../store/aliases.ts";
import { listDeployments } from "../store/deployments.ts";
import type { StoreTransaction } from "../store/mutations.ts";
import { listProviders } from "../store/providers.ts";
import { listRouteRules } from "../store/route-rules.ts";
import type { SecretBox } from "../store/secret-box.ts";
import { removeAlias, removeDeployment, removeProvider, removeRouteRule } from "../write-config.ts";
import { ConfigFileError } from "./config-file-error.ts";
import type { Given, GivenRule, Sourced } from "./given.ts";
import { needOf } from "./needed.ts";
import { writeGivenAlias, writeGivenDeployment, writeGivenProvider, writeGivenRule } from "./write-given.ts";

/** What was left as it is. */
export interface Applied {
  /** What calls have put in its place: "the provider openai", and who gives it in vain. */
  readonly overridden: readonly { readonly what: string; readonly by: string }[];
  /** Providers that are given no longer, and stay while they have deployments or run batches. */
  readonly kept: readonly string[];
  /** Rules for routes that are not used, since an account that they name cannot pay; what is wrong with each. */
  readonly withheld: readonly { readonly id: string; readonly problem: string }[];
}

/** Most objects of a kind looked at; far more than anyone configures. */
export const MOST_OBJECTS = 100_000;

/**
 * Applies what is given: writes what is new or differs, and removes what came from the file or the environment and is
 * given no longer. Where nothing at all is given, what came from the environment stays. Changes nothing where everything
 * is as given, so that any number of directories may apply the same.
 *
 * @throws ConfigFileError where a deployment's provider is neither given nor put by a call
 */
export async function applyGiven(transaction: StoreTransaction, secrets: SecretBox, given: Given): Promise<Applied> {
  const providers = await applyProviders(transaction, secrets, given);
  const deployments = await applyDeployments(transaction, given);
  const aliases = await applyAliases(transaction, given);
  const rules = await applyRules(transaction, given);
  // Last, since a provider cannot go before its deployments.
  const kept = await retireProviders(transaction, given);
  return { overridden: [...providers, ...deployments, ...aliases, ...rules.overridden], kept, withheld: rules.withheld };
}

async function applyProviders(transaction: StoreTransaction, secrets: SecretBox, given: Given): Promise<Applied["overridden"]> {
  const known = new Map((await listProviders(transaction.sql, "", MOST_OBJECTS)).map((each) => [each.provider.id, each]));
  const isPut = (id: string): boolean => known.get(id)?.provider.source === "api";
  for (const each of given.providers) {
    if (!isPut(each.terms.id)) await writeGivenProvider(transaction, secrets, each, known.get(each.terms.id));
  }
  return given.providers.filter(({ terms }) => isPut(terms.id)).map(({ terms, by }) => ({ what: `the provider ${terms.id}`, by }));
}

async function applyDeployments(transaction: StoreTransaction, given: Given): Promise<Applied["overridden"]> {
  const known = new Map((await listDeployments(transaction.sql, "", MOST_OBJECTS)).map((each) => [each.id, each]));
  const isPut = (id: string): boolean => known.get(id)?.source === "api";
  const wanted = given.deployments.filter(({ terms }) => !isPut(terms.id));
  await requireProviders(transaction, given, wanted);
  for (const each of wanted) await writeGivenDeployment(transaction, each, known.get(each.terms.id));
  const ids = new Set(given.deployments.map(({ terms }) => terms.id));
  for (const { id, source } of known.values()) {
    if (source !== "api" && !ids.has(id)) await removeDeployment(transaction, id);
  }
  return given.deployments.filter(({ terms }) => isPut(terms.id)).map(({ terms, by }) => ({ what: `the deployment ${terms.id}`, by }));
}

async function requireProviders(transaction: StoreTransaction, given: Given, wanted: Given["deployments"]): Promise<void> {
  const put = (await listProviders(transaction.sql, "", MOST_OBJECTS)).filter(({ provider }) => provider.source === "api");
  const ids = new Set([...put.map(({ provider }) => provider.id), ...given.providers.map(({ terms }) => terms.id)]);
  const problems = wanted
    .filter(({ terms }) => !ids.has(terms.providerId))
    .map(({ terms: { id, providerAt } }) => {
      const message = "expected the id of a provider that this file or the environment gives, or that a call has put";
      return { at: providerAt, path: `deployments.${id}.provider`, message };
    });
  if (problems.length > 0) throw new ConfigFileError(wanted[0]?.by ?? "", problems);
}

async function applyAliases(transaction: StoreTransaction, given: Given): Promise<Applied["overridden"]> {
  const known = new Map((await listAliases(transaction.sql, "", MOST_OBJECTS)).map((each) => [each.alias, each]));
  const isPut = (alias: string): boolean => known.get(alias)?.source === "api";
  for (const each of given.aliases) {
    if (!isPut(each.terms.alias)) await writeGivenAlias(transaction, each, known.get(each.terms.alias));
  }
  const names = new Set(given.aliases.map(({ terms }) => terms.alias));
  for (const { alias, source } of known.values()) {
    if (source !== "api" && !names.has(alias)) await removeAlias(transaction, alias);
  }
  return given.aliases.filter(({ terms }) => isPut(terms.alias)).map(({ terms, by }) => ({ what: `the alias ${terms.alias}`, by }));
}

async function applyRules(transaction: StoreTransaction, { rules }: Given): Promise<Pick<Applied, "overridden" | "withheld">> {
  const known = new Map((await listRouteRules(transaction.sql, "", MOST_OBJECTS)).map((each) => [each.id, each]));
  const isPut = (id: string): boolean => known.get(id)?.source === RouteRuleSource.ROUTE_RULE_SOURCE_API;
  const ids = new Set(rules.map(({ terms }) => terms.rule.id));
  const last = rules.at(-1);
  if (last !== undefined && ids.union(new Set([...known.keys()].filter(isPut))).size > MOST_RULES) throw tooMany(last);
  const withheld: { id: string; problem: string }[] = [];
  for (const each of rules.filter(({ terms }) => !isPut(terms.rule.id))) {
    const { id } = each.terms.rule;
    const problem = await problemOf(writeGivenRule(transaction, each, known.get(id)));
    if (problem !== undefined) withheld.push({ id, problem });
  }
  for (const id of known.keys()) if (!isPut(id) && !ids.has(id)) await removeRouteRule(transaction, id);
  const overridden = rules.filter(({ terms }) => isPut(terms.rule.id)).map(({ terms, by }) => ({ what: `the rule ${terms.rule.id}`, by }));
  return { overridden, withheld };
}

/** Accounts come and go by calls: that one is gone must not keep the directory from starting. */
async function problemOf(written: Promise<void>): Promise<string | undefined> {
  try {
    await written;
    return undefined;
  } catch (error) {
    if (error instanceof AlfredError) return error.message;
    throw error;
  }
}

function tooMany({ terms: { at }, by }: Sourced<GivenRule>): ConfigFileError {
  return new ConfigFileError(by, [{ at, path: "route_rules", message: `expected at most ${MOST_RULES} rules, those counted in that calls have put` }]);
}

/** @returns those that deployments of calls, or batches, keep */
async function retireProviders(transaction: StoreTransaction, given: Given): Promise<string[]> {
  const ids = new Set(given.providers.map(({ terms }) => terms.id));
  const kept: string[] = [];
  for (const { provider } of await listProviders(transaction.sql, "", MOST_OBJECTS)) {
    const { id, source } = provider;
    if (source === "api" || ids.has(id) || (source === "environment" && given.isEmpty)) continue;
    if ((await needOf(transaction.sql, id)) !== undefined) kept.push(id);
    else await removeProvider(transaction, id);
  }
  return kept;
}
