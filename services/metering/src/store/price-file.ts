import { readFile } from "node:fs/promises";
import type { ModelPrice } from "@alfred/contracts";
import { PriceFileError } from "../domain/json-object.ts";
import { readOverrides } from "../domain/overrides.ts";

/**
 * The prices of the file that `ALFRED_PRICES_FILE` names.
 *
 * @throws PriceFileError where it cannot be read or says something that cannot be
 */
export async function readPriceFile(path: string): Promise<ModelPrice[]> {
  try {
    return readOverrides(await readFile(path, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PriceFileError(`ALFRED_PRICES_FILE (${path}): ${reason}`, { cause });
  }
}
