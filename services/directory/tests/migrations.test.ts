import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { providerKindToJSON } from "@alfred/contracts";
import { migrate } from "@alfred/postgres";
import { createLogger } from "@alfred/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { configuration, emptyDatabase, ROOT_KEY, sql, startDirectory } from "./directory-rig.ts";

const MIGRATIONS = fileURLToPath(new URL("../src/store/migrations", import.meta.url));

describe("a database of an earlier version", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "alfred-migrations-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A database with the migrations up to the one of this number. */
  async function databaseAt(number: string): Promise<string> {
    const names = (await readdir(MIGRATIONS)).filter((name) => name.slice(0, 4) <= number);
    for (const name of names) await cp(join(MIGRATIONS, name), join(folder, name));
    const url = await emptyDatabase();
    const log = createLogger({ name: "migrations", level: "error" });
    await migrate({ url, schema: "directory", role: "alfred_directory", directory: folder, outbox: true, log });
    return url;
  }

  it("has the versions of Azure's API taken out of the addresses, and all else left as it was", async () => {
    const url = await databaseAt("0003");
    const rows = [
      ["azure", "azure", "https://eu.openai.azure.com/?api-version=2024-06-01"],
      ["azure-two", "azure", "https://us.openai.azure.com/?api-version=2025-01-01-preview"],
      ["azure-three", "azure", "https://eu.openai.azure.com/openai/v1"],
      ["mine", "openai", "https://mine.example/v1"],
    ];
    for (const row of rows) {
      await sql(url, "INSERT INTO providers (id, kind, base_url, price_book, origin, update_time) VALUES ($1, $2, $3, '', 'api', now())", row);
    }
    await using rig = await startDirectory(url, configuration());
    const { providers } = await rig.as(ROOT_KEY).config.listProviders({ pageSize: 0, pageToken: "" });
    expect(providers.map(({ baseUrl, apiVersion }) => `${baseUrl} ${apiVersion}`)).toEqual([
      "https://eu.openai.azure.com 2024-06-01",
      "https://eu.openai.azure.com/openai/v1 ",
      "https://us.openai.azure.com 2025-01-01-preview",
      "https://mine.example/v1 ",
    ]);
  });

  it("knows by their kind who was known by a price book, and lets the others be", async () => {
    const url = await databaseAt("0006");
    const books = ["mistral", "deepseek", "groq", "together", "perplexity", "lambda", "ollama"];
    for (const [id, kind, book] of [...books.map((name) => [`our-${name}`, "openai", name]), ["house", "openai", "house"], ["openai", "openai", "openai"], ["azure", "azure", "mistral"]]) {
      await sql(url, "INSERT INTO providers (id, kind, base_url, price_book, origin, update_time) VALUES ($1, $2, 'https://x.example/v1', $3, 'api', now())", [id, kind, book]);
    }
    await using rig = await startDirectory(url, configuration());
    const { providers } = await rig.as(ROOT_KEY).config.listProviders({ pageSize: 0, pageToken: "" });
    const kindOf = (id: string): string => providerKindToJSON(providers.find((each) => each.id === id)?.kind ?? 0);
    expect(books.map((name) => kindOf(`our-${name}`))).toEqual(books.map((name) => `PROVIDER_KIND_${name.toUpperCase()}`));
    expect(["house", "openai", "azure"].map(kindOf)).toEqual(["PROVIDER_KIND_OPENAI", "PROVIDER_KIND_OPENAI", "PROVIDER_KIND_AZURE"]);
  });
});
