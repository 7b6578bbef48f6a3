import { hash } from "node:crypto";
import { ModelPrice } from "@alfred/contracts";
import type { Sql } from "@alfred/postgres";

/**
 * The revision of a price book: the last one where its content is what was
 * served last, else the next. It rises across restarts and never names two
 * contents.
 */
export async function priceRevision(sql: Sql, prices: readonly ModelPrice[]): Promise<bigint> {
  const { rows } = await sql.query<{ revision: bigint }>(
    `INSERT INTO price_book AS book (revision, sha256) VALUES (1, $1)
     ON CONFLICT (one) DO UPDATE
     SET revision = book.revision + (book.sha256 <> excluded.sha256)::int, sha256 = excluded.sha256
     RETURNING revision`,
    [digest(prices)],
  );
  return rows[0]?.revision ?? 1n;
}

/** Each price is preceded by its length, so that no two books run together to the same bytes. */
function digest(prices: readonly ModelPrice[]): Buffer {
  const delimited = prices.map((price) => {
    const bytes = ModelPrice.encode(price).finish();
    return Buffer.concat([Buffer.from(`${bytes.length}:`), bytes]);
  });
  return hash("sha256", Buffer.concat(delimited), "buffer");
}
