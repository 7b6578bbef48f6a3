import { cp } from "node:fs/promises";
import { join } from "node:path";
import { ChatMessage, ChatRequest } from "@alfred/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTenant, type Tenant } from "./admin.ts";
import { FLAT_MODEL, FLAT_PRICE_NANOS, type Mesh } from "./mesh.ts";
import { SecondGateway } from "./second-gateway.ts";

const LIMIT = { unit: "UNIT_USD", period: "PERIOD_NONE" };

/** What a client sees of its budget, and what gateways do with one that they share. */
export function leasesSpec(mesh: () => Mesh): void {
  const ask = (key: string, body: Record<string, unknown>): Promise<Response> => {
    const { content = "Count to ten.", ...fields } = body;
    return fetch(`${mesh().edgeUrl}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ messages: [{ role: "user", content }], ...fields }),
    });
  };
  const setLimit = ({ admin, teamId }: Tenant, limit: object): Promise<unknown> => admin.ok("PUT", `accounts/${teamId}/limit`, { ...LIMIT, ...limit });
  const spentBy = async ({ admin, teamId }: Tenant): Promise<bigint> => (await admin.balanceAtRest(teamId)).posted;

  describe("a soft limit", () => {
    test("that is passed is told with each answer, and in an event, and refuses nothing", async () => {
      const tenant = await createTenant(mesh());
      await setLimit(tenant, { hard: String(100n * FLAT_PRICE_NANOS), soft: String(2n * FLAT_PRICE_NANOS) });
      const first = await ask(tenant.key, { model: FLAT_MODEL });
      expect([first.status, first.headers.get("x-alfred-budget-warning")]).toEqual([200, null]);
      const warning = async (): Promise<string> => (await ask(tenant.key, { model: FLAT_MODEL })).headers.get("x-alfred-budget-warning") ?? "";
      await expect.poll(warning, { timeout: 10_000 }).toMatch(new RegExp(`^${tenant.teamId}; unit=usd; period=none; soft=0.002; spent=0.0\\d+$`));
      const events = async (): Promise<string> => JSON.stringify(await tenant.admin.ok("GET", "events?page_size=100"));
      await expect.poll(events, { timeout: 10_000 }).toContain("softLimitPassed");
    });
  });

  describe("a hard limit", () => {
    test("that is spent says which, and what is left of it; no provider is called", async () => {
      const tenant = await createTenant(mesh(), { team: FLAT_PRICE_NANOS / 2n });
      const before = mesh().provider.requests.length;
      const answer = await ask(tenant.key, { model: FLAT_MODEL });
      expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([402, "false"]);
      expect(await answer.json()).toMatchObject({
        error: {
          type: "insufficient_quota", code: "insufficient_quota",
          details: { account: tenant.teamId, unit: "usd", limit: String(FLAT_PRICE_NANOS / 2n), left: String(FLAT_PRICE_NANOS / 2n), reset: "" },
        },
      });
      expect(mesh().provider.requests.length).toBe(before);
    });

    test("that is only held by a request under way may be tried again", async () => {
      const tenant = await createTenant(mesh(), { team: FLAT_PRICE_NANOS });
      const slow = ask(tenant.key, { model: FLAT_MODEL, content: "[[sim: delay_ms=7000]] slow" });
      await mesh().provider.requests.waitFor(({ body }) => body.includes("delay_ms=7000"));
      const answer = await ask(tenant.key, { model: FLAT_MODEL });
      expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([429, "true"]);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await answer.json()).toMatchObject({ error: { type: "budget_held", details: { account: tenant.teamId, left: "0" } } });
      expect((await slow).status).toBe(200);
    });

    test("that says so has answers cut to what it pays for", async () => {
      const tenant = await createTenant(mesh());
      await setLimit(tenant, { hard: "150000", clamp: true });
      const answer = await ask(tenant.key, { model: "gpt-4o-mini", max_tokens: 1_000, content: "[[sim: tokens=2000]] much" });
      expect([answer.status, answer.headers.get("x-alfred-cut-reason")]).toEqual([200, "budget_clamped"]);
      const { choices, usage } = (await answer.json()) as { choices: { finish_reason: string }[]; usage: { completion_tokens: number } };
      expect(choices[0]?.finish_reason).toBe("length");
      expect(usage.completion_tokens).toBeLessThan(250);
      const posted = await spentBy(tenant);
      expect(posted).toBeGreaterThan(60_000n);
      expect(posted).toBeLessThanOrEqual(150_000n);
    });

    test("that says so pays for an answer with what the gateway itself still held", async () => {
      const tenant = await createTenant(mesh());
      await setLimit(tenant, { hard: "100000", clamp: true });
      const answers: string[] = [];
      for (const content of ["one", "two", "three"]) {
        const answer = await ask(tenant.key, { model: "gpt-4o-mini", max_tokens: 100, content: `[[sim: tokens=50]] ${content}` });
        answers.push(`${answer.status} ${answer.headers.get("x-alfred-cut-reason") ?? "whole"}`);
      }
      expect(answers).toEqual(["200 whole", "200 whole", "200 budget_clamped"]);
    });

    test("ends a stream that grows past what it pays for, cleanly and with the reason", async () => {
      const tenant = await createTenant(mesh(), { team: 600_000n });
      const content = "[[sim: ignore_limit tokens=20000 chunk_delay_ms=1]] on and on";
      const answer = await ask(tenant.key, { model: "gpt-4o-mini", max_tokens: 100, stream: true, stream_options: { include_usage: true }, content });
      const frames = (await answer.text()).trimEnd().split("\n\n").map((frame) => frame.replace(/^data: /, ""));
      expect(frames.at(-1)).toBe("[DONE]");
      const chunks = frames.slice(0, -1).map((frame) => JSON.parse(frame) as { choices: { finish_reason: string | null }[]; usage?: { completion_tokens: number }; alfred?: { cut_reason?: string } });
      const end = chunks.find(({ choices }) => choices[0]?.finish_reason === "length");
      expect(end?.alfred?.cut_reason).toBe("budget_exhausted");
      expect(chunks.at(-1)?.alfred?.cut_reason).toBe("budget_exhausted");
      const posted = await spentBy(tenant);
      expect(posted).toBeGreaterThan(300_000n);
      // What came between the last hold and the end is charged too, and is little.
      expect(posted).toBeLessThan(700_000n);
    });
  });

  describe("two gateways", () => {
    let second: SecondGateway;
    const chat = (value: string) => {
      const message = ChatMessage.create({ role: "user", content: { $case: "text", value } });
      return { call: undefined, chat: ChatRequest.create({ model: FLAT_MODEL, messages: [message] }) };
    };

    beforeAll(async () => {
      second = await SecondGateway.start(mesh(), "second gateway");
    });
    afterAll(() => second[Symbol.asyncDispose]());

    test.each(["key", "team", "organisation"] as const)("share a budget at the %s exactly, and strand nothing of it", async (level) => {
      const tenant = await createTenant(mesh(), { [level]: 10n * FLAT_PRICE_NANOS });
      const client = second.as(tenant.key);
      const asked = Array.from({ length: 50 }, (_, index) =>
        index % 2 === 0
          ? ask(tenant.key, { model: FLAT_MODEL }).then(({ ok }) => ok)
          : client.createChatCompletion(chat("Count to ten.")).then(() => true, () => false),
      );
      expect((await Promise.all(asked)).filter((served) => served)).toHaveLength(10);
      expect(await spentBy(tenant)).toBe(10n * FLAT_PRICE_NANOS);
    });

    test("give back what they do not use to each other", async () => {
      const tenant = await createTenant(mesh(), { team: 10n * FLAT_PRICE_NANOS });
      const client = second.as(tenant.key);
      expect((await ask(tenant.key, { model: FLAT_MODEL })).status).toBe(200);
      const served = await Promise.all(Array.from({ length: 9 }, () => client.createChatCompletion(chat("Hi")).then(() => true, () => false)));
      expect(served.filter((each) => each)).toHaveLength(9);
    });

    test("account for what one of them was killed with, once it is back", async () => {
      const tenant = await createTenant(mesh(), { team: 100n * FLAT_PRICE_NANOS });
      const client = second.as(tenant.key);
      await client.createChatCompletion(chat("Hi"));
      const lost = client.createChatCompletion(chat("[[sim: stall]] lost"), { retry: false }).then(() => "answered", () => "lost");
      await mesh().provider.requests.waitFor(({ body }) => body.includes("stall]] lost"));
      await second.kill();
      expect(await lost).toBe("lost");
      await second.restart();
      // Nobody knows what the provider billed, so the worst case counts.
      expect(await spentBy(tenant)).toBe(2n * FLAT_PRICE_NANOS);
      const recorded = async (): Promise<string> => JSON.stringify(await tenant.admin.ok("GET", "usage?group_by=USAGE_DIMENSION_MODEL"));
      await expect.poll(recorded, { timeout: 10_000 }).toContain(`"value":"${2n * FLAT_PRICE_NANOS}"`);
      expect((await second.as(tenant.key).createChatCompletion(chat("Hi"))).completion).toBeDefined();
    });

    test("go on with each other's batches: what one of them was killed after is settled by the other, once", async () => {
      const tenant = await createTenant(mesh(), { team: 100n * FLAT_PRICE_NANOS });
      const client = second.as(tenant.key);
      const lines = [1, 2].map((id) => JSON.stringify({ custom_id: `${id}`, method: "POST", url: "/v1/chat/completions", body: { model: FLAT_MODEL, messages: [{ role: "user", content: "Hi" }] } }));
      const upload = { filename: "in.jsonl", purpose: "batch", content: Buffer.from(lines.join("\n")), contentType: "", extra: {} };
      const { file } = await client.createFile({ call: undefined, provider: "openai", upload });
      const terms = { inputFileId: file?.id ?? "", endpoint: "/v1/chat/completions", completionWindow: "24h", metadata: { sim: "line_ms=500" }, extra: {} };
      const { batch } = await client.createBatch({ call: undefined, terms });
      expect(await tenant.admin.balance(tenant.teamId)).toMatchObject({ held: FLAT_PRICE_NANOS, posted: 0n });
      await second.kill();
      // Two requests at half the price.
      await expect.poll(() => tenant.admin.balance(tenant.teamId), { timeout: 30_000, interval: 200 }).toMatchObject({ held: 0n, posted: FLAT_PRICE_NANOS });
      await second.restart();
      const told = await second.as(tenant.key).getBatch({ id: batch?.id ?? "" });
      expect(told.batch).toMatchObject({ status: "completed", alfred: { cost: { value: FLAT_PRICE_NANOS } } });
      const recorded = async (): Promise<string> => JSON.stringify(await tenant.admin.ok("GET", "usage?group_by=USAGE_DIMENSION_MODEL"));
      await expect.poll(recorded, { timeout: 10_000 }).toContain(`"value":"${FLAT_PRICE_NANOS}"`);
    });

    test("are told apart by their journals: one whose journal was copied ends, and settles first", async () => {
      const tenant = await createTenant(mesh(), { team: 100n * FLAT_PRICE_NANOS });
      await second.as(tenant.key).createChatCompletion(chat("Hi"));
      await cp(join(mesh().home, "second gateway"), join(mesh().home, "copied gateway"), { recursive: true });
      await using copy = await SecondGateway.start(mesh(), "copied gateway");
      expect(await second.ended()).toBe(0);
      await copy.as(tenant.key).createChatCompletion(chat("Hi"));
      expect(await spentBy(tenant)).toBe(2n * FLAT_PRICE_NANOS);
    });
  });
}
