import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { SERVICE_TOKEN, configuration, emptyDatabase, startDirectory } from "./directory-rig.ts";

const config = configuration();

/** What a watch of the configuration says first. */
async function firstOf(masterKey: Uint8Array, revision: bigint): Promise<Buffer> {
  await using rig = await startDirectory(await emptyDatabase(), { ...config, masterKey });
  for await (const { event } of rig.as(SERVICE_TOKEN).config.watchConfig({ revision })) {
    if (event?.$case === "sealingKey") return event.value;
    break;
  }
  throw new Error("The key did not come first.");
}

it("gateways are told first by what to seal ids: the same under the same master key, and not that itself", async () => {
  const key = await firstOf(config.masterKey, 0n);
  expect([key.length, key.equals(config.masterKey)]).toEqual([32, false]);
  expect(await firstOf(config.masterKey, 1_000n)).toEqual(key);
  expect(await firstOf(randomBytes(32), 0n)).not.toEqual(key);
});
