/** What the environment and the file give, applied at each start before anybody is served. */
import type { Sql } from "@alfred/postgres";
import type { Logger } from "@alfred/telemetry";

import type { DirectoryConfig } from "../config.ts";
import { applyGiven, MOST_OBJECTS } from "../given/apply.ts";
import { tellApplied } from "../given/config-file-follower.ts";
import type { GivenNow } from "../given/given.ts";
import type { Mutations } from "../store/mutations.ts";
import { listProviders } from "../store/providers.ts";
import { SealBrokenError } from "../store/secret-box.ts";
import type { SecretBox } from "../store/secret-box.ts";
import { seedDemo } from "./demo.ts";
import type { Demo } from "./demo.ts";
import { SeedError } from "./environment-key.ts";
import { seedRootKey } from "./root-key.ts";

/** What seeding works with. */
export interface SeedParts {
  readonly database: Sql;
  readonly mutations: Mutations;
  readonly secrets: SecretBox;
  readonly given: GivenNow;
}

/** Applies root's key, the demo and the providers in one transaction; returns where the demo is. Throws SeedError, ConfigFileError. */
export async function seed(
  { database, mutations, secrets, given: { current: given } }: SeedParts,
  config: DirectoryConfig,
  log: Logger,
): Promise<Demo | undefined> {
  const { demo, applied } = await mutations.seed(async (transaction) => {
    await seedRootKey(transaction, config.rootKey);
    return {
      demo: await seedDemo(transaction, config.demo),
      applied: await applyGiven(transaction, secrets, given),
    };
  });
  if (demo !== undefined && demo.keyId === undefined && config.demo.key !== undefined) {
    log.warn("the key in ALFRED_DEMO_KEY was revoked and stays so; choose another");
  }
  tellApplied(applied, log);
  await tryMasterKey(database, secrets);
  return demo;
}

/** A wrong master key is told at the start, by name, and not by failing requests later. */
async function tryMasterKey(sql: Sql, secrets: SecretBox): Promise<void> {
  for (const { provider, sealedSecret } of await listProviders(sql, "", MOST_OBJECTS)) {
    try {
      if (sealedSecret !== undefined) secrets.open(sealedSecret, provider.id);
    } catch (cause) {
      if (!(cause instanceof SealBrokenError)) throw cause;
      throw new SeedError(
        `ALFRED_MASTER_KEY does not open the stored key of provider "${provider.id}" (${cause.message}): start with the master key that it was stored under.`,
        { cause },
      );
    }
  }
}
