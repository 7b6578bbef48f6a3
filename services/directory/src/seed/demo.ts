/** The demo: an organisation with a budget, a team, a user, and that user's key. */
import { newId } from "@alfred/ids";

import type { ApiKey, Secret } from "../domain/key.ts";
import { keyUnder, nodeUnder } from "../domain/new-node.ts";
import type { NodeTerms } from "../domain/new-node.ts";
import { ID_PREFIX } from "../domain/tree.ts";
import type { TreeNode } from "../domain/tree.ts";
import type { StoreTransaction } from "../store/mutations.ts";
import { findNode } from "../store/nodes.ts";
import { findSetting, putSetting } from "../store/settings.ts";
import { addNode, addOrganisation } from "../write-tree.ts";
import { applyEnvironmentKey } from "./environment-key.ts";

/** What the demo is made of. */
export interface DemoTerms {
  /** The key's secret; undefined ends the demo key. */
  readonly key: string | undefined;
  /**
   * The organisation's budget for all time, in nano-dollars. It opens the account; later ones are the wallet's to set.
   */
  readonly budgetNanos: bigint;
}

/** Where the demo is; the same at each start. */
export interface Demo {
  readonly organisationId: string;
  readonly teamId: string;
  readonly userId: string;
  /** Undefined where a call revoked the key that the variable gives: it stays revoked. */
  readonly keyId: string | undefined;
}

const USER_SETTING = "demo_user";

/** Makes the demo where it is missing and applies its key anew. Undefined where there is none and none is wanted. */
export async function seedDemo(transaction: StoreTransaction, terms: DemoTerms): Promise<Demo | undefined> {
  const user =
    (await findDemoUser(transaction)) ??
    (terms.key === undefined ? undefined : await makeDemo(transaction, terms.budgetNanos));
  if (user === undefined) return undefined;
  const key = await applyEnvironmentKey(transaction, {
    variable: "ALFRED_DEMO_KEY",
    secret: terms.key,
    organisationId: user.organisationId,
    make: (secret) => demoKey(transaction, user, secret),
  });
  return { organisationId: user.organisationId, teamId: user.parentId, userId: user.id, keyId: key?.id };
}

async function findDemoUser(transaction: StoreTransaction): Promise<TreeNode | undefined> {
  const id = await findSetting(transaction.sql, USER_SETTING);
  return id === undefined ? undefined : findNode(transaction.sql, id);
}

async function makeDemo(transaction: StoreTransaction, budgetNanos: bigint): Promise<TreeNode> {
  const organisation = {
    id: newId(ID_PREFIX.organisation),
    name: "Demo",
    timeZone: "UTC",
    createTime: transaction.now,
  };
  const root = await addOrganisation(transaction, organisation, {
    limits: [{ unit: "usd", period: "none", hard: budgetNanos, clamp: false }],
    allowedModels: [],
  });
  const team = await addDemoNode(transaction, root, {
    id: newId(ID_PREFIX.team),
    kind: "team",
    name: "Demo team",
    limits: [],
    allowedModels: [],
  });
  const user = await addDemoNode(transaction, team, {
    id: newId(ID_PREFIX.user),
    kind: "user",
    name: "Demo user",
    limits: [],
    allowedModels: [],
  });
  await putSetting(transaction.sql, USER_SETTING, user.id);
  return user;
}

async function addDemoNode(transaction: StoreTransaction, parent: TreeNode, terms: NodeTerms): Promise<TreeNode> {
  const node = nodeUnder(parent, terms, transaction.now);
  await addNode(transaction, node);
  return node;
}

/** An administrator's, so that the first steps can make teams and keys with it. */
function demoKey(transaction: StoreTransaction, user: TreeNode, secret: Secret): ApiKey {
  const terms = { id: newId(ID_PREFIX.key), name: "Demo key", role: "admin", limits: [], allowedModels: [] } as const;
  return keyUnder(user, { ...terms, requestsPerMinute: undefined, expireTime: undefined }, secret, transaction.now);
}
