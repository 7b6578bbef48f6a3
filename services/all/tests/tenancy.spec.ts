import { status } from "@grpc/grpc-js";
import { beforeAll, describe, expect, test } from "vitest";
import { createTenant, type Tenant } from "./admin.ts";
import { call, methods, type Method } from "./grpc.ts";
import { FLAT_MODEL, FLAT_PRICE_NANOS, type Mesh } from "./mesh.ts";

const ADDRESS = {
  GatewayService: "GATEWAY",
  MeteringService: "METERING",
  WalletService: "WALLET",
  DirectoryService: "DIRECTORY",
  ConfigService: "DIRECTORY",
  KeptObjectService: "DIRECTORY",
  AuditService: "AUDIT",
} as const;

/** RPCs that name no object of a tenant: they answer for the caller alone. */
const OWN_ONLY = new Set([
  "CreateChatCompletion", "StreamChatCompletion", "CreateMessage", "StreamMessage", "CountMessageTokens", "CreateEmbedding", "ListModels", "GetModel", "EstimateCost", "DryRun", "EstimatePrice",
  "CreateResponse", "StreamResponse", "CreateCompletion", "StreamCompletion", "CreateModeration", "CreateImage", "StreamImage", "StreamSpeech",
  "GatewayService.ListProviders", "GetProviderHealth", "WatchProviderHealth",
  "CreateFile", "ListFiles", "CreateBatch", "ListBatches",
  "CreateImageEdit", "StreamImageEdit", "CreateImageVariation", "CreateTranscription", "StreamTranscription", "CreateTranslation",
]);
/** What belongs to another tenant is not found; what the role does not allow is denied. */
const REFUSED = [status.NOT_FOUND, status.PERMISSION_DENIED];

/** Walks every RPC of the contract with one tenant's keys and another's ids. */
export function tenancySpec(mesh: () => Mesh): void {
  let victim: Tenant;
  let attacker: Tenant;
  let before: string;
  let responseId: string;

  beforeAll(async () => {
    [victim, attacker] = await Promise.all([createTenant(mesh(), { team: 5n * FLAT_PRICE_NANOS }), createTenant(mesh())]);
    await spend(mesh(), victim);
    responseId = await store(mesh(), victim);
    // Credit that is not used comes back by itself, which is no doing of the attacker's.
    await victim.admin.balanceAtRest(victim.teamId);
    before = await picture(victim);
  });

  describe.each(["administrator", "user"] as const)("another tenant's %s", (role) => {
    const named = methods().filter(({ service, name }) => !OWN_ONLY.has(name) && !OWN_ONLY.has(`${service}.${name}`)).map((method) => [method.name, method] as const);

    test.each(named)("neither reads nor changes anything by %s", async (_name, method) => {
      const key = role === "administrator" ? attacker.adminKey : attacker.key;
      const request = { ...hostile(method, victim), ...(takes(method, "response_id") && { response_id: responseId }) };
      const { messages, error } = await call(mesh().address(ADDRESS[method.service as keyof typeof ADDRESS]), method, request, key);
      const shown = JSON.stringify(messages);
      for (const secret of [victim.organisationId, victim.teamId, victim.keyId]) expect(shown).not.toContain(secret);
      // Listing organisations is answered, with the caller's own.
      const expected = method.name === "ListOrganisations" && role === "administrator" ? [undefined] : REFUSED;
      expect(expected, error?.message).toContain(error?.code);
    });
  });

  test("and the other tenant is as it was", async () => {
    expect(await picture(victim)).toBe(before);
    const answer = await fetch(`${mesh().edgeUrl}/v1/responses/${responseId}`, { headers: { authorization: `Bearer ${victim.key}` } });
    expect([answer.status, await answer.json()]).toMatchObject([200, { id: responseId, status: "completed" }]);
  });
}

/** Every field that can name an object names the victim's; the rest is what makes the request valid. */
function hostile({ definition }: Method, victim: Tenant): Record<string, unknown> {
  const ids: Record<string, unknown> = {
    organisation_id: victim.organisationId,
    account_id: victim.teamId,
    node_id: victim.teamId,
    parent_id: victim.teamId,
    key_id: victim.keyId,
    team_id: victim.teamId,
    reservation_id: "lease_0190b8a0-0000-7000-8000-000000000000",
    request_id: `hostile-${crypto.randomUUID()}`,
    name: "hostile",
    reason: "hostile",
    kind: "ACCOUNT_KIND_USER",
    unit: "UNIT_USD",
    period: "PERIOD_NONE",
    hard: "0",
    amounts: [{ unit: "UNIT_USD", value: "1" }],
    ttl: { seconds: "60" },
    path: { organisation_id: victim.organisationId, accounts: [{ id: victim.keyId, kind: "ACCOUNT_KIND_KEY" }, { id: victim.teamId, kind: "ACCOUNT_KIND_TEAM" }, { id: victim.organisationId, kind: "ACCOUNT_KIND_ORGANISATION" }] },
  };
  const fields = new Set(definition.requestType.type.field.map(({ name }) => name));
  return Object.fromEntries(Object.entries(ids).filter(([name]) => fields.has(name)));
}

function takes({ definition }: Method, field: string): boolean {
  return definition.requestType.type.field.some(({ name }) => name === field);
}

/** The id of a response that a tenant has stored. */
async function store(mesh: Mesh, { key }: Tenant): Promise<string> {
  const answer = await fetch(`${mesh.edgeUrl}/v1/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: FLAT_MODEL, input: "hello" }),
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { id: string }).id;
}

async function spend(mesh: Mesh, { key }: Tenant): Promise<void> {
  const answer = await fetch(`${mesh.edgeUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: FLAT_MODEL, messages: [{ role: "user", content: "hello" }] }),
  });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
}

/** All that a tenant's administrator can see of it. */
async function picture({ admin, organisationId, teamId, keyId }: Tenant): Promise<string> {
  const paths = ["organisations", "nodes", "keys", `accounts/${organisationId}`, `accounts/${teamId}`, `accounts/${keyId}`, `accounts/${organisationId}/transfers`];
  return JSON.stringify(await Promise.all(paths.map((path) => admin.ok("GET", path))));
}
