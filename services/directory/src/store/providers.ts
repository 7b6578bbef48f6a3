/** Providers in Postgres. Their secrets are sealed before they get here and opened after they leave. */
import type { ConfigSource, ProviderKind, SealedProvider } from "../domain/provider.ts";
import type { Sql } from "@alfred/postgres";

interface ProviderRow {
  id: string;
  kind: ProviderKind;
  base_url: string;
  sealed_secret: Buffer | null;
  price_book: string;
  region: string;
  api_version: string;
  origin: ConfigSource;
  update_time: Date;
}

/** Makes or replaces a provider. */
export async function putProvider(sql: Sql, sealed: SealedProvider): Promise<void> {
  const { id, kind, baseUrl, priceBook, region, apiVersion, source, updateTime } = sealed.provider;
  await sql.query(
    `INSERT INTO providers (id, kind, base_url, sealed_secret, price_book, origin, update_time, region, api_version)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (id) DO UPDATE SET kind = $2, base_url = $3, sealed_secret = $4, price_book = $5, origin = $6, update_time = $7,
       region = $8, api_version = $9`,
    [id, kind, baseUrl, sealed.sealedSecret ?? null, priceBook, source, updateTime, region, apiVersion],
  );
}

/** The provider of this id, or undefined. */
export async function findProvider(sql: Sql, id: string): Promise<SealedProvider | undefined> {
  const [provider] = await findProviders(sql, [id]);
  return provider;
}

/** The providers of these ids, in no order; unknown ids are left out. */
export async function findProviders(sql: Sql, ids: readonly string[]): Promise<SealedProvider[]> {
  const result = await sql.query<ProviderRow>("SELECT * FROM providers WHERE id = ANY($1)", [ids]);
  return result.rows.map(toProvider);
}

/** Providers after this id, by id. */
export async function listProviders(sql: Sql, afterId: string, most: number): Promise<SealedProvider[]> {
  const result = await sql.query<ProviderRow>(
    'SELECT * FROM providers WHERE id > $1 COLLATE "C" ORDER BY id COLLATE "C" LIMIT $2',
    [afterId, most],
  );
  return result.rows.map(toProvider);
}

/** Removes a provider. */
export async function deleteProvider(sql: Sql, id: string): Promise<void> {
  await sql.query("DELETE FROM providers WHERE id = $1", [id]);
}

function toProvider(row: ProviderRow): SealedProvider {
  return {
    provider: {
      id: row.id,
      kind: row.kind,
      baseUrl: row.base_url,
      hasSecret: row.sealed_secret !== null,
      priceBook: row.price_book,
      region: row.region,
      apiVersion: row.api_version,
      source: row.origin,
      updateTime: row.update_time,
    },
    sealedSecret: row.sealed_secret ?? undefined,
  };
}
