/** What the file and the environment give, brought into the database; what calls have put stays. */
import { listAliases } from "../store/aliases.ts";
import { countDeployments, listDeployments } from "../store/deployments.ts";
import type { StoreTransaction } from "../store/mutations.ts";
import { listProviders } from "../store/providers.ts";
import type { SecretBox } from "../store/secret-box.ts";
import { removeAlias, removeDeployment, removeProvider } from "../write-config.ts";
import { ConfigFileError } from "./config-file-error.ts";
import type { Given } from "./given.ts";
import { writeGivenAlias, writeGivenDeployment, writeGivenProvider } from "./write-given.ts";

/** What was left as it is. */
export interface Applied {
  /** What calls have put in its place: "the provider openai", and who gives it in vain. */
  readonly overridden: readonly { readonly what: string; readonly by: string }[];
  /** Providers that are given no longer, and stay while they have deployments. */
  readonly kept: readonly string[];
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
  // Last, since a provider cannot go before its deployments.
  const kept = await retireProviders(transaction, given);
  return { overridden: [...providers, ...deployments, ...aliases], kept };
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

/** @returns those that deployments of calls keep */
async function retireProviders(transaction: StoreTransaction, given: Given): Promise<string[]> {
  const ids = new Set(given.providers.map(({ terms }) => terms.id));
  const kept: string[] = [];
  for (const { provider } of await listProviders(transaction.sql, "", MOST_OBJECTS)) {
    const { id, source } = provider;
    if (source === "api" || ids.has(id) || (source === "environment" && given.isEmpty)) continue;
    if ((await countDeployments(transaction.sql, id)) > 0) kept.push(id);
    else await removeProvider(transaction, id);
  }
  return kept;
}
