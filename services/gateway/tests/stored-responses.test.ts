import { type ModelResponse, ProviderKind, RouteOperator } from "@alfred/contracts";
import { readChatRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { SECRET, keyOf } from "./peers.ts";
import { Rig, UPSTREAM_SECRET, failureOf } from "./rig.ts";
import { is, putRules, ruleOf, to } from "./rule-rig.ts";
import { COLLEAGUE, type Gateway, OTHER_SECRET, as, asked, create, sent, start, startTwo, stream } from "./stored-rig.ts";

const NOT_FOUND = (id: string) => ({ code: "PREVIOUS_RESPONSE_NOT_FOUND", message: `Previous response with id '${id}' not found.`, metadata: { field: "previous_response_id" } });

const previous = ({ id }: Pick<ModelResponse, "id">) => ({ previous_response_id: id });
const inputOf = ({ usage }: ModelResponse): bigint => usage?.inputTokens ?? 0n;

describe("a response that is stored", () => {
  test("is gone on from, whole and streamed, and pays for all that is read again", async () => {
    await using rig = await start();
    const first = await create(rig.gateway, "One");
    const second = await create(rig.gateway, "Two", previous(first));
    expect(second.extra["previous_response_id"]).toBe(JSON.stringify(first.id));
    expect(sent(rig)).toMatchObject({ previous_response_id: "resp_sim_1" });
    const events = await stream(rig.gateway, "Three", previous(second));
    const told = events.flatMap(({ response }) => (response === undefined ? [] : [response]));
    expect(told.map(({ extra }) => extra["previous_response_id"])).toEqual(told.map(() => JSON.stringify(second.id)));
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    const [third] = told.slice(-1) as [ModelResponse];
    const fourth = await create(rig.gateway, "Four", previous(third));
    const inputs = [first, second, third, fourth].map(inputOf);
    expect(inputs).toEqual(inputs.toSorted((left, right) => Number(left - right)));
    expect(new Set(inputs).size).toBe(4);
    await rig.peers.wallet.settled();
    const records = await rig.peers.recorded(4);
    expect(records.reduce((sum, { cost }) => sum + (cost?.value ?? 0n), 0n)).toBe(rig.peers.wallet.posted);
  });

  test("never shows the provider's own id", async () => {
    await using rig = await start();
    const first = await create(rig.gateway, "One");
    const all = [first, await create(rig.gateway, "Two", previous(first)), ...(await stream(rig.gateway, "Three", previous(first)))];
    expect(JSON.stringify(all, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value))).not.toContain("resp_sim");
  });

  test("answers a call of its tools", async () => {
    await using rig = await start();
    const tools = [{ type: "function", name: "get_weather", parameters: { type: "object", properties: {} } }];
    const first = await create(rig.gateway, "Use get_weather.", { tools, reasoning: { effort: "low" } });
    const call = first.output.find(({ type }) => type === "function_call");
    const second = await create(rig.gateway, [{ type: "function_call_output", call_id: call?.callId, output: "21" }], { tools, ...previous(first) });
    expect(second).toMatchObject({ status: "completed", output: [{ type: "message" }] });
  });

  test("is its organisation's alone: to others it is what a damaged id is", async () => {
    await using rig = await start();
    const { id } = await create(rig.gateway, "One");
    const other = as(rig, OTHER_SECRET);
    const damaged = `${id.slice(0, -1)}${id.endsWith("A") ? "B" : "A"}`;
    const before = rig.sim.requests.length;
    for (const [gateway, tried] of [[other, id], [other, damaged], [other, "resp_sim_1"], [rig.gateway, damaged], [rig.gateway, "resp_sim_1"]] as const) {
      expect(await failureOf(create(gateway, "Two", { previous_response_id: tried }))).toMatchObject(NOT_FOUND(tried));
      expect(await failureOf(stream(gateway, "Two", { previous_response_id: tried }))).toMatchObject(NOT_FOUND(tried));
    }
    expect(rig.sim.requests.length).toBe(before);
    expect(await create(as(rig, COLLEAGUE), "Two", { previous_response_id: id })).toMatchObject({ status: "completed" });
  });

  test("that its provider has not is told of by the client's id", async () => {
    await using rig = await start();
    const first = await create(rig.gateway, "One", { store: false });
    const error = await failureOf(create(rig.gateway, "Two", previous(first)));
    expect(error).toMatchObject({ code: "PROVIDER_REJECTED", message: `Previous response with id '${first.id}' not found.`, metadata: { code: "previous_response_not_found", param: "previous_response_id", status: "400" } });
  });

  test("is nothing where no id can be sealed", async () => {
    await using rig = await start({ sealingKey: null });
    const first = await create(rig.gateway, "One", { store: true });
    expect(first).toMatchObject({ id: "resp_sim_1", extra: { store: "false" } });
    expect(await failureOf(create(rig.gateway, "Two", previous(first)))).toMatchObject(NOT_FOUND("resp_sim_1"));
  });
});

describe("a stored response", () => {
  const list = (gateway: Gateway, responseId: string, more: object = {}) => gateway.listResponseInputItems({ responseId, include: [], ...more });
  const about = (gateway: Gateway, responseId: string) => [() => gateway.getResponse({ responseId, include: [] }), () => list(gateway, responseId), () => gateway.deleteResponse({ responseId })];

  test("is told by the client's ids, with what it was asked, until it is deleted; all of it costs nothing", async () => {
    await using rig = await start();
    const first = await create(rig.gateway, "One");
    const second = await create(rig.gateway, "Two", previous(first));
    await rig.peers.wallet.settled();
    const { posted } = rig.peers.wallet;
    expect((await rig.gateway.getResponse({ responseId: first.id, include: [] })).response).toEqual(first);
    const { response } = await rig.gateway.getResponse({ responseId: second.id, include: ["message.output_text.logprobs"] });
    expect(response).toMatchObject({ id: second.id, usage: second.usage });
    expect(rig.sim.requests.last).toMatchObject({ method: "GET", path: "/v1/responses/resp_sim_2?include%5B%5D=message.output_text.logprobs", body: "" });
    expect(response?.extra["previous_response_id"]).toMatch(/^"resp_[\w-]{80,}"$/);
    expect((await list(rig.gateway, second.id, { limit: 1, order: "asc" })).list).toMatchObject({ object: "list", data: [{ role: "user" }], hasMore: false });
    expect(await rig.gateway.deleteResponse({ responseId: second.id })).toEqual({ deleted: true });
    for (const ask of about(rig.gateway, second.id)) expect(await failureOf(ask())).toMatchObject({ code: "NOT_FOUND", message: `Response with id '${second.id}' not found.`, metadata: {} });
    expect([rig.peers.wallet.posted, rig.peers.records.size]).toEqual([posted, 2]);
  });

  test("is its organisation's alone, and nobody asks its provider for others", async () => {
    await using rig = await start();
    const { id } = await create(rig.gateway, "One");
    const before = rig.sim.requests.length;
    for (const [gateway, tried] of [[as(rig, OTHER_SECRET), id], [as(rig, OTHER_SECRET), "resp_sim_1"], [rig.gateway, "resp_sim_1"], [rig.gateway, `${id}A`]] as const) {
      for (const ask of about(gateway, tried)) expect(await failureOf(ask())).toMatchObject({ code: "NOT_FOUND", message: `Response with id '${tried}' not found.`, metadata: {} });
    }
    expect(rig.sim.requests.length).toBe(before);
    expect((await as(rig, COLLEAGUE).getResponse({ responseId: id, include: [] })).response?.id).toBe(id);
  });

  test("is on record by its provider's id, so that its owner is", async () => {
    await using rig = await start();
    await create(rig.gateway, "One");
    await stream(rig.gateway, "Two");
    await rig.gateway.createChatCompletion({ call: undefined, chat: readChatRequest({ model: "gpt-4o-mini", messages: [{ role: "user", content: "Three" }] }).chat });
    const records = await rig.peers.recorded(3);
    expect(records.map(({ operation, providerResponseId }) => `${operation} ${providerResponseId}`).toSorted()).toEqual(["chat ", "response resp_sim_1", "response resp_sim_2"]);
  });

  test("counts among the key's requests per minute", async () => {
    await using rig = await Rig.start({ peers: { keys: [keyOf("key_1", SECRET, { requestsPerMinute: 2 })] } });
    const { id } = await create(rig.gateway, "One");
    await rig.gateway.getResponse({ responseId: id, include: [] });
    expect(await failureOf(rig.gateway.getResponse({ responseId: id, include: [] }))).toMatchObject({ code: "RATE_LIMITED" });
  });

  test.each([[{ limit: 0 }, "limit"], [{ limit: 101 }, "limit"], [{ order: "up" }, "order"], [{ after: "a b" }, "after"], [{ include: ["a&b"] }, "include"], [{ include: Array<string>(17).fill("a") }, "include"]])("is not listed by %j", async (more, field) => {
    await using rig = await start();
    expect(await failureOf(list(rig.gateway, "resp_1", more))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
  });

  test("of Azure's is asked of it under its own version and key", async () => {
    await using first = await Rig.start();
    const azure = [{ id: "azure", kind: ProviderKind.PROVIDER_KIND_AZURE, priceBook: "openai", baseUrl: `${first.simUrl}/azure/openai/v1`, secret: UPSTREAM_SECRET, apiVersion: "preview" }];
    await using rig = await Rig.start({ peers: { providers: azure } });
    const { id } = await create(rig.gateway, "One", { model: "azure/gpt-4o-mini" });
    expect((await list(rig.gateway, id, { after: "msg_1" })).list).toMatchObject({ object: "list" });
    expect(first.sim.requests.last).toMatchObject({ dialect: "azure", path: "/azure/openai/v1/responses/resp_sim_1/input_items?api-version=preview&after=msg_1" });
    expect(await create(rig.gateway, "Two", { model: "azure/gpt-4o-mini", previous_response_id: id })).toMatchObject({ status: "completed" });
  });
});

describe("where a response goes that goes on from another", () => {
  test("is the account that holds it, whatever the weights and however the model is called", async () => {
    const rig = await startTwo([0, 1]);
    const first = await create(rig.gateway, "One", { model: "eu/gpt-4o-mini" });
    for (const model of ["mini", "gpt-4o-mini", "eu/gpt-4o-mini"]) {
      const { receipt } = await rig.gateway.createResponse(asked("Two", { model, ...previous(first) }));
      expect(receipt).toMatchObject({ provider: "eu", attempts: 1 });
    }
  });

  test("is told by a dry run", async () => {
    const rig = await startTwo([0, 1]);
    const first = await create(rig.gateway, "One", { model: "eu/gpt-4o-mini" });
    const { response: value, call } = asked("Two", { model: "mini", ...previous(first) });
    const decided = await rig.gateway.dryRun({ call, streamed: true, asked: { $case: "response", value } });
    expect(decided).toMatchObject({ admitted: true, provider: "eu", moreCandidates: 0 });
    expect(decided.candidates).toHaveLength(1);
  });

  test("is refused by a rule for long prompts, by all that is read again, however the model is called", async () => {
    const rig = await startTwo([0, 1]);
    const first = await create(rig.gateway, `One ${"and more ".repeat(2_000)}`, { model: "eu/gpt-4o-mini" });
    const long = { field: "prompt_tokens", operator: RouteOperator.ROUTE_OPERATOR_GREATER, values: ["4000"] };
    await putRules({ rig }, [ruleOf("smart", { priority: 1, conditions: [is("model", "smart")], targets: [to("eu/gpt-4o-mini")] }), ruleOf("long", { conditions: [long], deny: "Too long." })]);
    for (const model of ["mini", "smart", "eu/gpt-4o-mini"]) {
      expect(await create(rig.gateway, "Two", { model, max_output_tokens: 64 })).toMatchObject({ status: "completed" });
      expect(await failureOf(create(rig.gateway, "Two", { model, ...previous(first) }))).toMatchObject({ code: "MODEL_NOT_ALLOWED", message: "Too long." });
    }
  });

  test("is refused where a rule keeps what is asked in a region, and it is kept in another", async () => {
    const rig = await startTwo([1, 1]);
    const [here, there] = [await create(rig.gateway, "One", { model: "eu/gpt-4o-mini" }), await create(rig.gateway, "One", { model: "us/gpt-4o-mini" })];
    const region = { field: "region", operator: RouteOperator.ROUTE_OPERATOR_PREFIX, values: ["eu-"] };
    await putRules({ rig }, [ruleOf("in-europe", { priority: 1, conditions: [region] }), ruleOf("nowhere-else", { priority: 2, conditions: [is("model", "mini")], deny: "In Europe alone." })]);
    expect(await create(rig.gateway, "Two", { model: "mini", ...previous(here) })).toMatchObject({ status: "completed" });
    expect(await failureOf(create(rig.gateway, "Two", { model: "mini", ...previous(there) }))).toMatchObject({ code: "MODEL_NOT_ALLOWED", message: "In Europe alone." });
  });

  test("is nowhere else, though others could answer", async () => {
    const rig = await startTwo([1, 1]);
    const first = await create(rig.gateway, "One", { model: "eu/gpt-4o-mini" });
    const error = await failureOf(create(rig.gateway, "[[sim: status=401]]", { model: "mini", ...previous(first) }));
    expect(error).toMatchObject({ code: "PROVIDER_UNAUTHENTICATED", metadata: { provider: "eu" } });
  });

  test("is told where its provider does not serve the model, or is gone", async () => {
    const rig = await startTwo([1, 1]);
    const first = await create(rig.gateway, "One", { model: "eu/gpt-4o-mini" });
    expect(await failureOf(create(rig.gateway, "Two", { model: "no-such-model", ...previous(first) }))).toMatchObject({ code: "MODEL_NOT_FOUND" });
    rig.peers.config.push({ $case: "removedDeploymentId", value: "eu" }, { $case: "removedProviderId", value: "eu" });
    await expect.poll(() => failureOf(create(rig.gateway, "Two", { model: "mini", ...previous(first) })).catch(() => undefined))
      .toMatchObject({ code: "PREVIOUS_RESPONSE_NOT_FOUND", metadata: { provider: "eu" }, hint: expect.stringContaining("`input`") as unknown });
  });
});
