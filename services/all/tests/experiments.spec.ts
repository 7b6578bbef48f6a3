import { randomUUID } from "node:crypto";
import { ChatMessage, ChatRequest } from "@alfred/contracts";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { Admin, createTenant, type Tenant } from "./admin.ts";
import { FLAT_MODEL, FLAT_PRICE_NANOS, type Mesh } from "./mesh.ts";
import { SecondGateway } from "./second-gateway.ts";

const SOON = { timeout: 30_000, interval: 50 };
const ASKED = 12;

interface Arm {
  readonly arm: string;
  readonly shadow: boolean;
  readonly requests: string;
  readonly shadowedRequests: string;
  readonly attempts: string;
  readonly cost: { readonly value: string };
}

/** An experiment with a shadow, from the rule to the results, each paid for by who is to pay. */
export function experimentsSpec(mesh: () => Mesh): void {
  describe("an experiment", () => {
    const name = `trial-${randomUUID()}`;
    let caller: Tenant;
    let payer: Tenant;

    const ask = (customer: string, body: object = {}): Promise<Response> =>
      fetch(`${mesh().edgeUrl}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${caller.key}`, "content-type": "application/json", "x-alfred-tags": `customer=${customer}` },
        body: JSON.stringify({ model: name, messages: [{ role: "user", content: "Hi" }], ...body }),
      });
    const results = async (admin: Admin): Promise<Arm[]> => (await admin.ok("GET", `experiments/${name}:results`))["arms"] as Arm[];
    const root = (): Admin => new Admin(mesh(), mesh().rootKey);
    const customers = Array.from({ length: ASKED }, (_, index) => `customer-${index}`);

    beforeAll(async () => {
      [caller, payer] = await Promise.all([createTenant(mesh()), createTenant(mesh())]);
      await root().ok("PUT", `route-rules/${name}`, {
        request_id: randomUUID(),
        conditions: [{ field: "model", operator: "ROUTE_OPERATOR_EQUALS", values: [name] }],
        experiment: { name, sticky_by: "tag:customer", arms: [{ name: "control", targets: [{ model: FLAT_MODEL }] }, { name: "mini", targets: [{ model: "gpt-4o-mini" }] }] },
        shadow: { arm: "copy", model: FLAT_MODEL, account: payer.teamId },
      });
      // What no rule sends anywhere is not found; what is refused where it is sent is on no record.
      await vi.waitFor(async () => expect((await ask("nobody-yet", { service_tier: "priority" })).status).toBe(400), SOON);
    });

    test("tells each answer's arm, which is the same at every gateway", async () => {
      const arms: string[] = [];
      for (const customer of customers) {
        const answer = await ask(customer, { stream: customers.indexOf(customer) % 2 === 0, max_tokens: 5 });
        expect(answer.status).toBe(200);
        const [experiment, arm = ""] = (answer.headers.get("x-alfred-experiment") ?? "").split("/");
        expect([experiment, answer.headers.get("x-alfred-model")]).toEqual([name, arm === "control" ? FLAT_MODEL : "gpt-4o-mini"]);
        expect(await answer.text()).not.toContain("copy");
        arms.push(arm);
      }
      expect(new Set(arms)).toEqual(new Set(["control", "mini"]));
      await using second = await SecondGateway.start(mesh(), "experiments");
      const message = ChatMessage.create({ role: "user", content: { $case: "text", value: "Hi" } });
      const value = ChatRequest.create({ model: name, messages: [message], maxTokens: 5 });
      const seen = await Promise.all(customers.map(async (customer) => {
        const call = { requestId: "", idempotent: false, clientRequestId: "", tags: { customer }, routeHeaders: {} };
        return (await second.as(caller.key).dryRun({ call, streamed: false, asked: { $case: "chat", value } })).arm?.arm;
      }));
      expect(seen).toEqual(arms);
    });

    test("comes to the sums of its usage records, each on the books of who paid", async () => {
      await vi.waitFor(async () => expect((await results(root())).reduce((sum, { requests }) => sum + Number(requests), 0)).toBe(2 * ASKED), SOON);
      const [all, own, copies] = [await results(root()), await results(caller.admin), await results(payer.admin)];
      expect(own.map(({ arm, shadow }) => [arm, shadow])).toEqual([["control", false], ["mini", false]]);
      expect(copies).toMatchObject([{ arm: "copy", shadow: true, requests: String(ASKED), cost: { value: String(BigInt(ASKED) * FLAT_PRICE_NANOS) } }]);
      expect(all.map(({ arm, requests, shadowedRequests }) => [arm, shadowedRequests === "0" ? "" : requests === shadowedRequests])).toEqual([["control", true], ["copy", ""], ["mini", true]]);
      const usage = await caller.admin.ok("GET", `usage?experiment=${name}&group_by=USAGE_DIMENSION_ARM`);
      expect((usage["rows"] as { group: string[]; requests: string; attempts: string; cost: unknown }[]).map(({ group: [arm], requests, attempts, cost }) => ({ arm, requests, attempts, cost })))
        .toEqual(own.map(({ arm, requests, attempts, cost }) => ({ arm, requests, attempts, cost })));
      const sumOf = (arms: readonly Arm[]): bigint => arms.reduce((sum, { cost }) => sum + BigInt(cost.value), 0n);
      expect((await payer.admin.balanceAtRest(payer.teamId)).posted).toBe(sumOf(copies));
      expect((await caller.admin.balanceAtRest(caller.keyId)).posted).toBe(sumOf(own));
    });
  });
}
