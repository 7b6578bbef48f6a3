/** Keys that variables give: at each start the one given works, and the ones given before do not. */
import { secretOf } from "../domain/key.ts";
import type { ApiKey, Secret } from "../domain/key.ts";
import { findKeyBySecret, listEnvironmentKeys } from "../store/keys.ts";
import type { KeyWithOrigin } from "../store/keys.ts";
import type { StoreTransaction } from "../store/mutations.ts";
import { addKey, restoreKey, revokeKey } from "../write-tree.ts";

/** A key as a variable gives it. */
export interface EnvironmentKey {
  /** The variable, to be named where something is wrong. */
  readonly variable: string;
  /** The secret; undefined where the variable is not set. */
  readonly secret: string | undefined;
  /** Whose key it is; undefined for root's. */
  readonly organisationId: string | undefined;
  /** Makes the key where it is not known yet. */
  make(secret: Secret): ApiKey;
}

/** A variable that cannot be followed. The message is for the operator and names no secret. */
export class SeedError extends Error {
  override readonly name = "SeedError";
}

/**
 * Applies a variable's key. A key that a call revoked stays revoked, since calls beat the environment: then undefined
 * is returned, as where the variable is not set.
 *
 * Throws SeedError where the secret belongs to another key.
 */
export async function applyEnvironmentKey(
  transaction: StoreTransaction,
  given: EnvironmentKey,
): Promise<ApiKey | undefined> {
  const secret = given.secret === undefined ? undefined : secretOf(given.secret);
  for (const key of await listEnvironmentKeys(transaction.sql, given.organisationId)) {
    if (secret === undefined || Buffer.compare(key.secretSha256, secret.sha256) !== 0) {
      await revokeKey(transaction, key, "environment");
    }
  }
  if (secret === undefined) return undefined;
  const known = await findKeyBySecret(transaction.sql, secret.sha256);
  if (known !== undefined) return reuse(transaction, given, known);
  const key = given.make(secret);
  await addKey(transaction, key, "environment");
  return key;
}

async function reuse(
  transaction: StoreTransaction,
  given: EnvironmentKey,
  known: KeyWithOrigin,
): Promise<ApiKey | undefined> {
  if (known.origin === "api" || known.key.organisationId !== (given.organisationId ?? "")) {
    throw new SeedError(`${given.variable} holds the secret of another key. Give it a secret of its own.`);
  }
  if (known.revokedBy === "api") return undefined;
  if (known.revokedBy === "environment") await restoreKey(transaction, known.key);
  return { ...known.key, revokeTime: undefined };
}
