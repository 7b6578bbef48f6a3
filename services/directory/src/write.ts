/** What calls may write, each with the change that watches follow and the event that audit keeps. */
import type { Transaction, Write } from "./domain/ports.ts";
import type { GivenNow } from "./given/given.ts";
import { releaseAlias, releaseDeployment, releaseProvider, releaseRouteRule } from "./given/release.ts";
import type { DirectoryMetrics } from "./metrics.ts";
import { findKey } from "./store/keys.ts";
import type { Mutations, StoreTransaction } from "./store/mutations.ts";
import { findNode } from "./store/nodes.ts";
import { findProvider } from "./store/providers.ts";
import { countOtherRouteRules } from "./store/route-rules.ts";
import type { SecretBox } from "./store/secret-box.ts";
import { writeAlias, writeDeployment, writeRouteRule, writeSealedProvider } from "./write-config.ts";
import { addKey, addNode, addOrganisation, changeKeyModels, changeNodeModels, revokeKey } from "./write-tree.ts";

/** What writes work with. */
export interface WriteParts {
  readonly mutations: Mutations;
  readonly metrics: DirectoryMetrics;
  readonly secrets: SecretBox;
  readonly given: GivenNow;
}

/** Runs the mutations of calls, and counts those that were committed or answered again. */
export function createWrite({ mutations, metrics, ...rest }: WriteParts): Write {
  return async (mutation, work) => {
    const answer = await mutations.run(mutation, (transaction) => work(forCalls(transaction, rest)));
    metrics.answered(mutation.scope.rpc);
    return answer;
  };
}

function forCalls(transaction: StoreTransaction, { secrets, given }: Pick<WriteParts, "secrets" | "given">): Transaction {
  const { sql, now } = transaction;
  return {
    now,
    findNode: (id) => findNode(sql, id),
    findKey: (id) => findKey(sql, id),
    addOrganisation: async (organisation, terms) => void (await addOrganisation(transaction, organisation, terms)),
    addNode: (node) => addNode(transaction, node),
    setNodeModels: (node, allowedModels) => changeNodeModels(transaction, node, allowedModels),
    addKey: (key) => addKey(transaction, key, "api"),
    setKeyModels: (key, allowedModels) => changeKeyModels(transaction, key, allowedModels),
    revokeKey: (key) => revokeKey(transaction, key, "api"),
    findProvider: (id) => findProvider(sql, id),
    putProvider: (sealed) => writeSealedProvider(transaction, sealed),
    releaseProvider: (id) => releaseProvider(transaction, secrets, given.current, id),
    putDeployment: (deployment) => writeDeployment(transaction, deployment),
    releaseDeployment: (id) => releaseDeployment(transaction, given.current, id),
    putAlias: (alias) => writeAlias(transaction, alias),
    releaseAlias: (alias) => releaseAlias(transaction, given.current, alias),
    countOtherRouteRules: (id) => countOtherRouteRules(sql, id),
    putRouteRule: (rule) => writeRouteRule(transaction, rule),
    releaseRouteRule: (id) => releaseRouteRule(transaction, given.current, id),
  };
}
