import { type ModelResponse, ProviderKind, type ResponseEvent, type ResponseItem, RouteOperator } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { Rig, UPSTREAM_SECRET, failureOf } from "./rig.ts";
import { is, putRules, ruleOf, to } from "./rule-rig.ts";
import { COLLEAGUE, OTHER_SECRET, as, asked, create, sent, start, startTwo, stream } from "./stored-rig.ts";

const NOT_FOUND = (id: string | undefined) => ({ code: "NOT_FOUND", message: `Item with id '${id}' not found.`, metadata: { field: "input" } });
const question = { role: "user", content: "Two" };
const refer = (items: readonly Pick<ResponseItem, "id">[], ...more: readonly object[]) => [...items.map(({ id }) => ({ type: "item_reference", id })), ...more, question];
const idOf = ({ output }: ModelResponse): string => output.at(-1)?.id ?? "";
const inputOf = ({ usage }: ModelResponse): bigint => usage?.inputTokens ?? 0n;
const shown = (value: unknown): string => JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? Number(each) : each));

const WEATHER = [{ type: "function", name: "get_weather", parameters: { type: "object", properties: {} } }];
const THINKING = { tools: WEATHER, reasoning: { effort: "low", summary: "auto" } };

/** Every id of an item that events tell, in turn. */
const idsOf = (events: readonly ResponseEvent[]): string[] => events.flatMap(({ itemId, item, response }) => [itemId, item?.id, ...(response?.output ?? []).map(({ id }) => id)].filter((id) => id !== undefined));

describe("an item that is referred to", () => {
  test("is read again by its provider, after whole answers and streams, and paid for", async () => {
    await using rig = await start();
    const first = await create(rig.gateway, `One ${"and more ".repeat(50)}`);
    const second = await create(rig.gateway, refer(first.output));
    expect(sent(rig)["input"]).toEqual([{ type: "item_reference", id: "msg_sim_1" }, question]);
    const events = await stream(rig.gateway, refer(second.output));
    const third = events.at(-1)?.response as ModelResponse;
    const fourth = await create(rig.gateway, refer([...first.output, ...third.output]));
    expect(sent(rig)["input"]).toEqual([{ type: "item_reference", id: "msg_sim_1" }, { type: "item_reference", id: "msg_sim_3" }, question]);
    expect(inputOf(second)).toBeGreaterThan(50n);
    expect(inputOf(fourth)).toBeGreaterThan(inputOf(third));
    await rig.peers.wallet.settled();
    const records = await rig.peers.recorded(4);
    expect(records.reduce((sum, { cost }) => sum + (cost?.value ?? 0n), 0n)).toBe(rig.peers.wallet.posted);
  });

  test("has one id in all of a stream's events, and when its answer is shown", async () => {
    await using rig = await start();
    const events = await stream(rig.gateway, "Use get_weather. [[sim: tool_calls=2]]", THINKING);
    const last = events.at(-1)?.response as ModelResponse;
    const ids = idsOf(events);
    expect([...new Set(ids)]).toEqual(last.output.map(({ id }) => id));
    expect(new Set(last.output.map(({ type }) => type))).toEqual(new Set(["reasoning", "function_call"]));
    for (const id of ids) expect(id).toMatch(/^(?:rs|fc)_sim_\w+[\w-]{32}$/);
    const { response } = await rig.gateway.getResponse({ responseId: last.id, include: [] });
    expect(response?.output.map(({ id }) => id)).toEqual(last.output.map(({ id }) => id));
  });

  test("may be thoughts, before the call that came of them and its result", async () => {
    await using rig = await start();
    const { output } = await create(rig.gateway, "Use get_weather.", THINKING);
    const [thoughts, call] = output;
    const whole = [{ type: "function_call", id: call?.id, call_id: call?.callId, name: "get_weather", arguments: "{}" }, { type: "function_call_output", call_id: call?.callId, output: "21" }];
    expect(await create(rig.gateway, refer([thoughts ?? {}], ...whole), THINKING)).toMatchObject({ status: "completed" });
    expect(await create(rig.gateway, [...refer([thoughts ?? {}, call ?? {}]), { type: "function_call_output", call_id: call?.callId, output: "21" }], THINKING)).toMatchObject({ status: "completed" });
    expect(await create(rig.gateway, [{ id: idOf(await create(rig.gateway, "One")) }, question])).toMatchObject({ status: "completed" });
  });

  test("may be one that a response was asked, as it is listed, by pages", async () => {
    await using rig = await start();
    const first = await create(rig.gateway, [{ role: "user", content: "One" }, { role: "assistant", content: "1" }, question]);
    const list = async (after?: string) => (await rig.gateway.listResponseInputItems({ responseId: first.id, include: [], limit: 2, order: "asc", ...(after && { after }) })).list;
    const page = await list();
    expect(page).toMatchObject({ hasMore: true, firstId: page?.data[0]?.id, lastId: page?.data[1]?.id });
    const rest = await list(page?.lastId);
    expect(rest).toMatchObject({ hasMore: false, data: [{ role: "user" }] });
    expect(rest?.data.map(({ id }) => id)).not.toContain(page?.lastId);
    expect(await create(rig.gateway, refer(page?.data ?? []))).toMatchObject({ status: "completed" });
  });

  test("is its organisation's alone, and nobody asks a provider for others", async () => {
    await using rig = await start();
    const id = idOf(await create(rig.gateway, "One"));
    const other = as(rig, OTHER_SECRET);
    const damaged = `${id.slice(0, -1)}${id.endsWith("A") ? "B" : "A"}`;
    const before = rig.sim.requests.length;
    for (const [gateway, tried] of [[other, id], [other, damaged], [other, "msg_sim_1"], [rig.gateway, damaged], [rig.gateway, "msg_sim_1"]] as const) {
      for (const input of [refer([{ id: tried }]), refer([{ id: tried }], { role: "assistant", content: "a" }), [{ id: tried }, question], [{ type: "image_generation_call", id: tried }, question]]) {
        expect(await failureOf(create(gateway, input))).toMatchObject(NOT_FOUND(tried));
        expect(await failureOf(stream(gateway, input, { drop_unsupported: true }))).toMatchObject(NOT_FOUND(tried));
      }
    }
    expect(rig.sim.requests.length).toBe(before);
    expect(await create(as(rig, COLLEAGUE), refer([{ id }]))).toMatchObject({ status: "completed" });
  });

  test("is not proven by a list of what a client wrote itself", async () => {
    await using rig = await start();
    const { output: [thoughts] } = await create(rig.gateway, "Use get_weather.", THINKING);
    const other = as(rig, OTHER_SECRET);
    const written = { type: "reasoning", id: thoughts?.id?.slice(0, -32), summary: [], encrypted_content: Buffer.from("alfred-provider-sim").toString("base64") };
    const { id: responseId } = await create(other, [written, question]);
    const { list } = await other.listResponseInputItems({ responseId, include: [], order: "asc" });
    expect(list?.data[0]).toMatchObject({ type: "reasoning" });
    for (const id of [list?.data[0]?.id, list?.firstId]) expect(await failureOf(create(other, refer([{ id }])))).toMatchObject(NOT_FOUND(id));
  });

  test("of an answer that was not to be stored is told as it is, and not found", async () => {
    await using rig = await start();
    const first = await create(rig.gateway, "One", { store: false });
    expect(idOf(first)).toBe("msg_sim_1");
    const events = await stream(rig.gateway, "One", { store: false });
    expect(new Set(idsOf(events))).toEqual(new Set(["msg_sim_2"]));
    expect(await failureOf(create(rig.gateway, refer(first.output)))).toMatchObject(NOT_FOUND("msg_sim_1"));
  });

  test("that its provider has no more is told of by the client's id", async () => {
    await using first = await start();
    const id = idOf(await create(first.gateway, "One"));
    await using second = await start();
    const error = await failureOf(create(second.gateway, refer([{ id }])));
    expect(error).toMatchObject({ code: "PROVIDER_REJECTED", metadata: { status: "404" }, message: expect.stringContaining(`'${id}' not found`) as unknown });
    expect(shown(error)).not.toMatch(/msg_sim_1(?![\w-])/);
  });

  test("is nothing where no id can be sealed", async () => {
    await using rig = await start({ sealingKey: null });
    const first = await create(rig.gateway, "One");
    expect(idOf(first)).toBe("msg_sim_1");
    expect(await failureOf(create(rig.gateway, refer(first.output)))).toMatchObject(NOT_FOUND("msg_sim_1"));
  });

  test("may be Azure's", async () => {
    await using first = await Rig.start();
    const azure = [{ id: "azure", kind: ProviderKind.PROVIDER_KIND_AZURE, priceBook: "openai", baseUrl: `${first.simUrl}/azure/openai/v1`, secret: UPSTREAM_SECRET, apiVersion: "preview" }];
    await using rig = await Rig.start({ peers: { providers: azure } });
    const model = "azure/gpt-4o-mini";
    const { output } = await create(rig.gateway, "One", { model });
    expect(await create(rig.gateway, refer(output), { model })).toMatchObject({ status: "completed" });
  });
});

describe("where a response goes that refers to items", () => {
  const eu = { model: "eu/gpt-4o-mini" };

  test("is the account that holds them, whatever the weights and however the model is called", async () => {
    const rig = await startTwo([0, 1]);
    const { output } = await create(rig.gateway, "One", eu);
    for (const model of ["mini", "gpt-4o-mini", "eu/gpt-4o-mini"]) {
      const { receipt } = await rig.gateway.createResponse(asked(refer(output), { model }));
      expect(receipt).toMatchObject({ provider: "eu", attempts: 1 });
    }
    const { receipt } = await rig.gateway.createResponse(asked([{ type: "message", id: output[0]?.id, role: "assistant", content: "1" }, question], { model: "mini" }));
    expect(receipt).toMatchObject({ provider: "us" });
  });

  test("has to hold what it goes on from, and every one of them", async () => {
    const rig = await startTwo([1, 1]);
    const [here, there] = [await create(rig.gateway, "One", eu), await create(rig.gateway, "One", { model: "us/gpt-4o-mini" })];
    expect(await failureOf(create(rig.gateway, refer([...here.output, ...there.output]), { model: "mini" }))).toMatchObject(NOT_FOUND(idOf(there)));
    expect(await failureOf(create(rig.gateway, refer(there.output), { model: "mini", previous_response_id: here.id }))).toMatchObject(NOT_FOUND(idOf(there)));
    const again = await create(rig.gateway, "Three", eu);
    expect(await create(rig.gateway, refer(again.output), { model: "mini", previous_response_id: here.id })).toMatchObject({ status: "completed" });
  });

  test("is refused by a rule for long prompts, by all that is read again, however the model is called", async () => {
    const rig = await startTwo([0, 1]);
    // What is streamed could have come to as much as the model can say.
    const { output = [] } = (await stream(rig.gateway, "One", eu)).at(-1)?.response ?? {};
    const long = { field: "prompt_tokens", operator: RouteOperator.ROUTE_OPERATOR_GREATER, values: ["4000"] };
    await putRules({ rig }, [ruleOf("smart", { priority: 1, conditions: [is("model", "smart")], targets: [to("eu/gpt-4o-mini")] }), ruleOf("long", { conditions: [long], deny: "Too long." })]);
    for (const model of ["mini", "smart", "eu/gpt-4o-mini"]) {
      const short = await create(rig.gateway, "One", { ...eu, max_output_tokens: 64 });
      expect(await create(rig.gateway, refer(short.output), { model, max_output_tokens: 64 })).toMatchObject({ status: "completed" });
      expect(await failureOf(create(rig.gateway, refer(output), { model }))).toMatchObject({ code: "MODEL_NOT_ALLOWED", message: "Too long." });
    }
  });

  test("is told where its provider does not serve the model", async () => {
    const rig = await startTwo([1, 1]);
    const { output } = await create(rig.gateway, "One", eu);
    expect(await failureOf(create(rig.gateway, refer(output), { model: "us/gpt-4o-mini" }))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "model", provider: "eu" }, hint: expect.stringContaining("`store`") as unknown });
  });
});
