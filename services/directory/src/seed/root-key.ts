import { newId } from "@alfred/ids";

import { rootKey } from "../domain/new-node.ts";
import { ID_PREFIX } from "../domain/tree.ts";
import type { StoreTransaction } from "../store/mutations.ts";
import { applyEnvironmentKey } from "./environment-key.ts";

/** Makes ALFRED_ROOT_KEY the installation's key; without it there is none. */
export async function seedRootKey(transaction: StoreTransaction, secret: string | undefined): Promise<void> {
  await applyEnvironmentKey(transaction, {
    variable: "ALFRED_ROOT_KEY",
    secret,
    organisationId: undefined,
    make: (made) => rootKey(newId(ID_PREFIX.key), made, transaction.now),
  });
}
