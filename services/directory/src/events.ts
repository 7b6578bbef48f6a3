/**
 * What the directory tells the world: one function per business event, each written with the change that it tells of.
 */
import { Event, type RouteRule } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import { appendEvents } from "@alfred/postgres";

import type { Alias } from "./domain/alias.ts";
import type { ApiKey } from "./domain/key.ts";
import type { Deployment, Provider } from "./domain/provider.ts";
import type { AccountKind, Organisation, TreeNode } from "./domain/tree.ts";
import { writeAlias, writeDeployment, writeProvider } from "./rpc/config-mappers.ts";
import { writeAccountKind, writeKey, writeNode, writeOrganisation } from "./rpc/mappers.ts";
import type { StoreTransaction } from "./store/mutations.ts";

/** A node or key before its models are replaced. */
interface ModelsHolder {
  readonly id: string;
  readonly organisationId: string;
  readonly kind: AccountKind;
  readonly allowedModels: readonly string[];
}

/** Whose chain holds what concerns no single organisation. */
const INSTALLATION = "installation";

/** An organisation was made. */
export function organisationCreated(transaction: StoreTransaction, organisation: Organisation): Promise<void> {
  return tell(transaction, organisation.id, { $case: "organisationCreated", value: writeOrganisation(organisation) });
}

/** A department, team, user or service account was made. */
export function nodeCreated(transaction: StoreTransaction, node: TreeNode): Promise<void> {
  return tell(transaction, node.organisationId, { $case: "nodeCreated", value: writeNode(node) });
}

/** A key was made, or one that the environment gives works again. */
export function keyCreated(transaction: StoreTransaction, key: ApiKey): Promise<void> {
  return tell(transaction, key.organisationId || INSTALLATION, { $case: "keyCreated", value: writeKey(key) });
}

/** A key was revoked. */
export function keyRevoked(transaction: StoreTransaction, key: ApiKey): Promise<void> {
  return tell(transaction, key.organisationId || INSTALLATION, { $case: "keyRevoked", value: writeKey(key) });
}

/** The models of a node or key were replaced by `after`. */
export function allowedModelsChanged(
  transaction: StoreTransaction,
  holder: ModelsHolder,
  after: readonly string[],
): Promise<void> {
  const { id, organisationId, kind, allowedModels: before } = holder;
  const value = { id, kind: writeAccountKind(kind), before: [...before], after: [...after] };
  return tell(transaction, organisationId, { $case: "allowedModelsChanged", value });
}

/** A provider was made or changed. */
export function providerPut(transaction: StoreTransaction, provider: Provider): Promise<void> {
  return tell(transaction, INSTALLATION, { $case: "providerPut", value: writeProvider(provider) });
}

/** A provider was removed. */
export function providerDeleted(transaction: StoreTransaction, id: string): Promise<void> {
  return tell(transaction, INSTALLATION, { $case: "providerDeleted", value: { id } });
}

/** A deployment was made or changed. */
export function deploymentPut(transaction: StoreTransaction, deployment: Deployment): Promise<void> {
  return tell(transaction, INSTALLATION, { $case: "deploymentPut", value: writeDeployment(deployment) });
}

/** A deployment was removed. */
export function deploymentDeleted(transaction: StoreTransaction, id: string): Promise<void> {
  return tell(transaction, INSTALLATION, { $case: "deploymentDeleted", value: { id } });
}

/** An alias was made or changed. */
export function aliasPut(transaction: StoreTransaction, alias: Alias): Promise<void> {
  return tell(transaction, INSTALLATION, { $case: "aliasPut", value: writeAlias(alias) });
}

/** An alias was removed. */
export function aliasDeleted(transaction: StoreTransaction, alias: string): Promise<void> {
  return tell(transaction, INSTALLATION, { $case: "aliasDeleted", value: { id: alias } });
}

/** A rule for routes was made or changed. */
export function routeRulePut(transaction: StoreTransaction, value: RouteRule): Promise<void> {
  return tell(transaction, INSTALLATION, { $case: "routeRulePut", value });
}

/** A rule for routes was removed. */
export function routeRuleDeleted(transaction: StoreTransaction, id: string): Promise<void> {
  return tell(transaction, INSTALLATION, { $case: "routeRuleDeleted", value: { id } });
}

type Payload = NonNullable<Event["payload"]>;

const SOURCE = "directory";

async function tell(transaction: StoreTransaction, organisationId: string, payload: Payload): Promise<void> {
  const { sql, now, actor, requestId } = transaction;
  const envelope = { eventId: newId("evt"), organisationId, source: SOURCE };
  const event = { ...envelope, occurTime: now, actor, requestId, payload };
  await appendEvents(sql, [
    {
      ...envelope,
      type: snakeCase(payload.$case),
      occurredAt: now,
      serialise: (sourceSeq) => Event.encode({ ...event, sourceSeq }).finish(),
    },
  ]);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
