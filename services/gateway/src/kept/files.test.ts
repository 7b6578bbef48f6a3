import { Key, KeptObject, KeptObjectKind } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { PriceBook } from "@alfred/money";
import { describe, expect, test } from "vitest";
import { ModelPatterns } from "../domain/allowed-models.ts";
import type { ProviderPort, UpstreamCall } from "../domain/provider-port.ts";
import { createRoutingTable, type Upstream } from "../domain/route.ts";
import { UpstreamFailure } from "../domain/upstream-failure.ts";
import type { Visit } from "../exchange/visit.ts";
import { keepFile, sweepFile } from "./files.ts";
import { chooseKeeper } from "./keeper.ts";
import type { KeptParts } from "./kept-parts.ts";

const OPENAI: Upstream = { id: "openai", kind: "openai", baseUrl: "http://up.test/v1", secret: "k", priceBook: "openai" };
const AZURE: Upstream = { id: "azure", kind: "azure", baseUrl: "http://az.test", secret: "k", priceBook: "azure" };
const PATH = { organisationId: "org_1", timeZone: "UTC", accounts: [] };

/** A record and a provider that answer as told, and what was asked of each. */
function rig(answer: (call: UpstreamCall) => unknown, record: Partial<Record<string, (request: never) => unknown>> = {}) {
  const asked: string[] = [];
  const told = (name: string) => (request: never) => {
    asked.push(name);
    return Promise.resolve(record[name]?.(request));
  };
  const provider = {
    ask: async (call: UpstreamCall) => {
      asked.push(`${call.request.method ?? "POST"} ${call.request.url}`);
      return { message: answer(call) };
    },
  } as unknown as ProviderPort;
  const providers = new Map([AZURE, OPENAI].map((each) => [each.id, each]));
  const calls = Object.fromEntries(["createKeptObject", "updateKeptObject", "deleteKeptObject"].map((name) => [name, told(name)]));
  const parts = { provider, now: Date.now, feeds: { routes: { providers }, modelLists: { of: () => [] } }, record: calls } as unknown as KeptParts;
  const visit = { payer: { key: { id: "key_1" }, path: PATH }, organisationId: "org_1", signal: new AbortController().signal, deadlineMs: Date.now() + 1_000 } as unknown as Visit;
  const upload = { filename: "in.jsonl", purpose: "batch", content: Buffer.from("{}"), contentType: "", extra: {} };
  return { asked, parts, visit, keep: () => keepFile(parts, visit, { call: undefined, provider: "", upload }) };
}

const recorded = { createKeptObject: ({ object }: { object: KeptObject }) => ({ object, replayed: false }) };

describe("an upload", () => {
  test("whose record cannot be completed is deleted at the provider again", async () => {
    const failing = { ...recorded, updateKeptObject: () => { throw fail("UNAVAILABLE", "away"); } };
    const { asked, keep } = rig(() => ({ id: "up-1" }), failing);
    await expect(keep()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(asked).toEqual(["createKeptObject", "POST http://up.test/v1/files", "updateKeptObject", "DELETE http://up.test/v1/files/up-1"]);
  });

  test("that is refused leaves no record, and one of which nothing is heard leaves it to be looked for", async () => {
    const refusing = (code: "PROVIDER_REJECTED" | "PROVIDER_RATE_LIMITED" | "PROVIDER_TIMEOUT") => rig(() => { throw new UpstreamFailure(fail(code, "no")); }, recorded);
    for (const [code, after] of [["PROVIDER_REJECTED", ["deleteKeptObject"]], ["PROVIDER_RATE_LIMITED", ["deleteKeptObject"]], ["PROVIDER_TIMEOUT", []]] as const) {
      const { asked, keep } = refusing(code);
      await expect(keep()).rejects.toMatchObject({ code });
      expect(asked).toEqual(["createKeptObject", "POST http://up.test/v1/files", ...after]);
    }
  });

  test("that was cut off is found by its name, and deleted with its record", async () => {
    const files = [{ id: "up-1", filename: "other.jsonl" }, { id: "up-2", filename: "file-x.jsonl" }];
    const { asked, parts, visit } = rig(({ request }) => (request.method === "GET" ? { data: files } : {}));
    const object = KeptObject.create({ id: "file-x", kind: KeptObjectKind.KEPT_OBJECT_KIND_FILE, path: PATH, providerId: "azure", purpose: "batch" });
    await sweepFile(parts, object, visit);
    const version = "api-version=2024-10-21";
    expect(asked).toEqual([`GET http://az.test/openai/files?purpose=batch&${version}`, `DELETE http://az.test/openai/files/up-2?${version}`, "deleteKeptObject"]);
  });
});

test("a provider that serves nothing of what the key may use is not there for its files", () => {
  const routes = createRoutingTable([AZURE, OPENAI], [{ id: "d", model: "ours", providerId: "azure", upstreamModel: "m", weight: 1 }], new Map());
  const chosen = (allowed: readonly string[], provider: string) => {
    const lists = allowed.length === 0 ? [] : [{ kind: "key", id: "key_1", patterns: new ModelPatterns(allowed) }];
    const parts = { feeds: { routes, prices: new PriceBook([]), modelLists: { of: () => lists } }, now: Date.now } as unknown as KeptParts;
    return chooseKeeper(parts, Key.create({ id: "key_1" }), { provider, purpose: "batch" }).id;
  };
  expect([chosen([], ""), chosen([], "azure"), chosen(["ours"], ""), chosen(["ours"], "azure")]).toEqual(["openai", "azure", "azure", "azure"]);
  const refused = expect.objectContaining({ code: "INVALID_ARGUMENT", hint: expect.not.stringContaining("openai") as unknown }) as unknown;
  for (const unseen of ["openai", "nobody"]) expect(() => chosen(["ours"], unseen)).toThrow(refused);
  expect(() => chosen(["others"], "")).toThrow("No provider here keeps files.");
});
