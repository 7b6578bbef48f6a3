import type { ModelPrice } from "@alfred/contracts";
import { PriceBook } from "@alfred/money";
import { toModelPrices } from "./domain/genai-prices.ts";
import { GIVEN_AWAY } from "./domain/given-away.ts";
import { withOverrides } from "./domain/overrides.ts";
import { SELF_HOSTED } from "./domain/self-hosted.ts";
import { readGenaiData } from "./store/genai-data.ts";
import { readPriceFile } from "./store/price-file.ts";
import { priceRevision } from "./store/price-revision.ts";
import type { Sql } from "@alfred/postgres";

/** The price book that this process serves, from its start to its end. */
export interface Prices {
  /** In the order in which they are sent. */
  all: readonly ModelPrice[];
  book: PriceBook;
  /** Names this content; rises when another content is served. */
  revision: bigint;
}

/**
 * Builds the price book from the data of genai-prices, what runs on machines of one's own or is given away, and the price file.
 *
 * @throws PriceFileError where the file is wrong
 */
export async function loadPrices(sql: Sql, priceFile: string | undefined): Promise<Prices> {
  const overrides = priceFile === undefined ? [] : await readPriceFile(priceFile);
  const all = withOverrides(withOverrides([...toModelPrices(await readGenaiData()), ...SELF_HOSTED], GIVEN_AWAY), overrides);
  return { all, book: new PriceBook(all), revision: await priceRevision(sql, all) };
}
