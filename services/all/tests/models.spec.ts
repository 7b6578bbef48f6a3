import OpenAI, { type APIError, NotFoundError, PermissionDeniedError } from "openai";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { accepted, Admin, createTenant, type Tenant } from "./admin.ts";
import { FLAT_MODEL, type Mesh, UPSTREAM_KEY } from "./mesh.ts";

const MODEL = "gpt-4o-mini";
/** Another provider that speaks like OpenAI, with models that run at home. */
const HOME = "home";
/** How long a change may take to reach a gateway; it usually takes some milliseconds. */
const PATIENCE = { timeout: 20_000, interval: 20 };

/** How a name of a model finds its provider, and who may use it. */
export function modelsSpec(mesh: () => Mesh): void {
  const root = (): Admin => new Admin(mesh(), mesh().rootKey);
  const client = (key = mesh().demoKey): OpenAI => new OpenAI({ apiKey: key, baseURL: `${mesh().edgeUrl}/v1`, maxRetries: 0 });
  const ask = (model: string, key?: string) => client(key).chat.completions.create({ model, messages: [{ role: "user", content: "Hi" }] }).withResponse();
  const failure = (model: string, key?: string): Promise<APIError> => ask(model, key).then(() => Promise.reject(new Error(`${model} was answered.`)), (error: unknown) => error as APIError);
  const listed = async (key?: string): Promise<string[]> => (await Array.fromAsync(client(key).models.list())).map(({ id }) => id);
  let requests = 0;
  const requestId = (): string => `models-${mesh().mode}-${(requests += 1)}`;

  describe("an alias", () => {
    test("is asked for like any model, from the moment it is made to the moment it is removed", async () => {
      expect(await failure("house-default")).toBeInstanceOf(NotFoundError);
      await root().ok("PUT", "aliases/house-default", { request_id: requestId(), model: MODEL });
      await vi.waitFor(async () => expect(await listed()).toContain("house-default"), PATIENCE);
      const { data, response } = await ask("house-default");
      expect(data.choices[0]?.message.content).toContain("Hi");
      expect(response.headers.get("x-alfred-provider")).toBe("openai");
      expect(Number(response.headers.get("x-alfred-cost-usd"))).toBeGreaterThan(0);
      expect((await client().models.retrieve("house-default")).id).toBe("house-default");
      await root().ok("DELETE", `aliases/house-default?request_id=${requestId()}`);
      await vi.waitFor(async () => expect(await failure("house-default")).toBeInstanceOf(NotFoundError), PATIENCE);
    });
  });

  describe("a rule for routes", () => {
    test("sends a name of the house's own where it says, for those who send its header, from the moment it is set to the moment it is removed", async () => {
      const given = { "x-alfred-route-tier": "gold" };
      const asGold = () => client().chat.completions.create({ model: "house-smart", messages: [{ role: "user", content: "Hi" }] }, { headers: given }).withResponse();
      const equals = (field: string, value: string) => ({ field, operator: "ROUTE_OPERATOR_EQUALS", values: [value] });
      const conditions = [equals("model", "house-smart"), equals("header:x-alfred-route-tier", "gold")];
      const { rule } = await root().ok("PUT", "route-rules/smart", { request_id: requestId(), conditions, targets: [{ model: MODEL, weight: 2 }] });
      expect(rule).toMatchObject({ id: "smart", enabled: true, version: "1" });
      const { response } = await vi.waitFor(asGold, PATIENCE);
      expect([response.headers.get("x-alfred-provider"), response.headers.get("x-alfred-model")]).toEqual(["openai", MODEL]);
      expect(await failure("house-smart")).toBeInstanceOf(NotFoundError);
      expect((await root().ok("GET", "route-rules"))["rules"]).toHaveLength(1);
      await root().ok("DELETE", `route-rules/smart?request_id=${requestId()}`);
      await vi.waitFor(async () => expect(await asGold().then(() => "answered", () => "refused")).toBe("refused"), PATIENCE);
    });
  });

  describe("a name", () => {
    beforeAll(async () => {
      const { providers } = await root().ok("GET", "providers");
      const base_url = (providers as { id: string; baseUrl: string }[]).find(({ id }) => id === "openai")?.baseUrl;
      await root().ok("PUT", `providers/${HOME}`, { request_id: requestId(), kind: "PROVIDER_KIND_OLLAMA", base_url, secret: UPSTREAM_KEY, price_book: "ollama" });
      await vi.waitFor(() => client().models.retrieve(`${HOME}/llama3`), PATIENCE);
    });
    afterAll(() => root().ok("DELETE", `providers/${HOME}?request_id=${requestId()}`));

    test.each([
      ["of a provider's id and a model", "home/llama3"],
      ["of a provider's family and a model", "ollama/llama3"],
      ["of a model with a tag", "llama3.2:3b"],
      ["that has an open model's in it", "our-llama-tune"],
    ])("%s finds what runs at home, which is free: %s", async (_, model) => {
      const { headers } = (await ask(model)).response;
      expect([headers.get("x-alfred-provider"), Number(headers.get("x-alfred-cost-usd"))]).toEqual([HOME, 0]);
    });

    test("that a price book has is not taken for one that runs at home", async () => {
      expect((await ask(FLAT_MODEL)).response.headers.get("x-alfred-provider")).toBe("openai");
    });

    test("that says who made it, but has no price, is refused with what to do", async () => {
      const refused = await failure("gpt-99-ultra");
      expect(refused).toBeInstanceOf(PermissionDeniedError);
      expect(refused.error).toMatchObject({ code: "price_unknown" });
      expect((refused.error as { hint: string }).hint).toContain('provider "openai", model "gpt-99-ultra"');
    });

    test("that nobody serves is refused with what is near", async () => {
      const refused = await failure("flat-12");
      expect(refused).toBeInstanceOf(NotFoundError);
      expect((refused.error as { hint: string }).hint).toContain(`Did you mean ${FLAT_MODEL}`);
    });
  });

  describe("lists of models", () => {
    let tenant: Tenant;
    let key: string;
    let keyId: string;
    const setNode = (by: Admin, id: string, allowed_models: string[]) => by.call("POST", `nodes/${id}:setAllowedModels`, { request_id: requestId(), allowed_models });
    const refusal = async (model: string): Promise<unknown> => (await failure(model, key)).error;

    beforeAll(async () => {
      tenant = await createTenant(mesh());
      const { node } = await tenant.admin.ok("POST", "teams", { name: "listed", allowed_models: [MODEL, "gpt-4o", FLAT_MODEL] });
      const made = await tenant.admin.ok("POST", "keys", { parent_id: (node as { id: string }).id, name: "listed", allowed_models: ["gpt-4o*"] });
      [key, keyId] = [made["secret"] as string, (made["key"] as { id: string }).id];
      await accepted(mesh(), key);
    });

    test("of key and team are kept to together", async () => {
      expect((await listed(key)).toSorted()).toEqual(["gpt-4o", MODEL]);
      await ask(MODEL, key);
      expect(await refusal(FLAT_MODEL)).toMatchObject({ code: "model_not_allowed", message: expect.stringContaining("of this key") as string });
      expect(await refusal("gpt-4o-2024-08-06")).toMatchObject({ code: "model_not_allowed", message: expect.stringContaining("of the team") as string });
      expect(await failure(MODEL, tenant.key).catch(() => "answered")).toBe("answered");
    });

    test("of the organisation are root's to set, and count for every key at once", async () => {
      const { organisationId, admin } = tenant;
      expect(await setNode(admin, organisationId, [])).toMatchObject({ status: 403, body: { error: { code: "role_insufficient" } } });
      expect(await setNode(root(), organisationId, ["gpt-4o"])).toMatchObject({ status: 200, body: { node: { allowedModels: ["gpt-4o"] } } });
      await vi.waitFor(async () => expect(await refusal(MODEL)).toMatchObject({ message: expect.stringContaining(organisationId) as string }), PATIENCE);
      expect(await listed(key)).toEqual(["gpt-4o"]);
      expect(await listed(tenant.key)).toEqual(["gpt-4o"]);
      await setNode(root(), organisationId, []);
      await vi.waitFor(() => ask(MODEL, key), PATIENCE);
    });

    test("of a key change while it is used", async () => {
      const { admin } = tenant;
      expect(await admin.call("POST", `keys/${keyId}:setAllowedModels`, { request_id: requestId(), allowed_models: ["no*pattern"] })).toMatchObject({ status: 400 });
      await admin.ok("POST", `keys/${keyId}:setAllowedModels`, { request_id: requestId(), allowed_models: [FLAT_MODEL] });
      await vi.waitFor(() => ask(FLAT_MODEL, key), PATIENCE);
      expect(await refusal(MODEL)).toMatchObject({ code: "model_not_allowed" });
      expect((await admin.ok("GET", `keys/${keyId}`))["key"]).toMatchObject({ allowedModels: [FLAT_MODEL] });
    });
  });
}
