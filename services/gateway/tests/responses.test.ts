import { AttemptOutcome, ProviderKind, type ResponseEvent, UsageSource } from "@alfred/contracts";
import { readResponseRequest, writeResponse, writeResponseEvent } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { FallbackRig, MODEL } from "./fallback-rig.ts";
import { Rig, UPSTREAM_SECRET, failureOf } from "./rig.ts";

type Fields = Readonly<Record<string, unknown>>;
type Json = Record<string, unknown>;

const asked = (input: unknown, fields: Fields = {}) => readResponseRequest({ model: "gpt-4o-mini", input, ...fields }).response;
const create = (rig: Rig, input: unknown, fields: Fields = {}) => rig.gateway.createResponse({ call: undefined, response: asked(input, fields) });
const sent = (rig: Rig): Json => JSON.parse(rig.sim.requests.last?.body ?? "{}") as Json;

/** The pieces of a stream until its end, and the error that it ends with. */
async function hear(rig: Rig, input: unknown, fields: Fields = {}) {
  const pieces: ResponseEvent[] = [];
  let ended: unknown;
  try {
    for await (const { event } of rig.gateway.streamResponse({ call: undefined, response: asked(input, fields) })) {
      if (event?.$case === "piece") pieces.push(event.value);
      if (event?.$case === "ended") ended = event.value;
    }
  } catch (error) {
    return { pieces, ended, error };
  }
  return { pieces, ended, error: undefined };
}

const textOf = (pieces: readonly ResponseEvent[]): string => pieces.map(({ type, delta }) => (type === "response.output_text.delta" ? (delta ?? "") : "")).join("");
const numbersOf = (pieces: readonly ResponseEvent[]): number[] => pieces.map(({ sequenceNumber }) => Number(sequenceNumber));

describe("a response of a provider that speaks them", () => {
  test("is the provider's own, told under an id of the client's, and charged as reported", async () => {
    await using rig = await Rig.start();
    const { response, receipt } = await create(rig, "Hello [[sim: extras]]", { store: true, reasoning: { effort: "low" } });
    expect(rig.sim.requests.last?.path).toBe("/v1/responses");
    expect(sent(rig)).toMatchObject({ store: true, reasoning: { effort: "low" } });
    expect(response && JSON.stringify(writeResponse(response))).toContain('"sim_integer":9007199254740993');
    expect(response).toMatchObject({ id: expect.stringMatching(/^resp_[\w-]{80,}$/) as unknown, status: "completed", extra: { store: "true" } });
    await rig.peers.wallet.settled();
    const [record] = await rig.peers.recorded(1);
    expect([receipt?.cost?.value, record?.cost?.value]).toEqual([rig.peers.wallet.posted, rig.peers.wallet.posted]);
    expect(record).toMatchObject({ outcome: AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED, source: UsageSource.USAGE_SOURCE_REPORTED, streamed: false });
  });

  test.each(["split_bytes=1", "crlf", "comments", "extras", "chunk_delay_ms=1"])("streams event by event under [[sim: %s]]", async (directive) => {
    await using rig = await Rig.start();
    const { pieces, ended, error } = await hear(rig, `Grüße [[sim: ${directive}]]`);
    expect(error).toBeUndefined();
    expect(textOf(pieces)).toBe("You said: Grüße");
    expect(numbersOf(pieces)).toEqual(pieces.map((_, index) => index));
    const last = pieces.at(-1);
    expect(last).toMatchObject({ type: "response.completed", response: { usage: { totalTokens: expect.any(BigInt) as unknown } } });
    await rig.peers.wallet.settled();
    expect([last?.alfred?.cost?.value, rig.peers.wallet.held]).toEqual([rig.peers.wallet.posted, 0n]);
    expect(ended).toMatchObject({ receipt: { provider: "openai" } });
  });

  test("is told as it came, whatever it has that nobody here knows", async () => {
    await using rig = await Rig.start();
    const { pieces } = await hear(rig, "Hi [[sim: extras]]", { include: ["message.output_text.logprobs"], top_logprobs: 1 });
    const told = pieces.map((piece) => JSON.stringify(writeResponseEvent({ ...piece, alfred: undefined })));
    const simulator = await fetch(`${rig.simUrl}/v1/responses`, {
      method: "POST", headers: { authorization: `Bearer ${UPSTREAM_SECRET}` }, body: JSON.stringify({ ...sent(rig) }),
    });
    const own = (await simulator.text()).split("\n").flatMap((line) => (line.startsWith("data: ") ? [line.slice(6)] : []));
    const settled = (text: string): unknown => JSON.parse(text.replaceAll(/(resp|msg)_[\w-]+/g, "$1").replaceAll(/sim_\d/g, "sim").replaceAll(/"created_at":\d+/g, '"created_at":0'));
    expect(told.map(settled)).toEqual(own.map(settled));
    expect(told.every((text) => text.includes("9007199254740993"))).toBe(true);
  });

  test.each([false, true])("without reported usage is counted, and told so: streamed %s", async (streamed) => {
    await using rig = await Rig.start({ sim: { behaviour: { noUsage: true } } });
    const response = streamed ? (await hear(rig, "Hello, world!")).pieces.at(-1)?.response : (await create(rig, "Hello, world!")).response;
    expect(response?.usage).toMatchObject({ inputTokens: 11n, outputTokens: 7n });
    expect(await rig.peers.recorded(1)).toMatchObject([{ source: UsageSource.USAGE_SOURCE_ESTIMATED }]);
  });

  test.each([
    ["cut_after=6", "PROVIDER_STREAM_BROKEN"], ["truncate_after=6", "PROVIDER_STREAM_BROKEN"], ["error_after=6", "PROVIDER_STREAM_BROKEN"], ["malformed_after=6", "PROVIDER_MALFORMED"],
  ])("that breaks under [[sim: %s]] says so, and is charged as far as it came", async (directive, code) => {
    await using rig = await Rig.start();
    const { pieces, ended, error } = await hear(rig, `Count. [[sim: tokens=40 ${directive}]]`);
    expect([error, ended]).toMatchObject([{ code }, undefined]);
    expect(pieces).toHaveLength(6);
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ outcome: AttemptOutcome.ATTEMPT_OUTCOME_BROKEN, source: UsageSource.USAGE_SOURCE_ESTIMATED });
    await rig.peers.wallet.settled();
    expect([rig.peers.wallet.posted, rig.peers.wallet.posted > 0n]).toEqual([record?.cost?.value, true]);
  });

  test("that fails under a status of success costs nothing", async () => {
    await using rig = await Rig.start({ sim: { behaviour: { nonJson: true } } });
    expect(await failureOf(create(rig, "Hi"))).toMatchObject({ code: "PROVIDER_MALFORMED" });
    expect(rig.peers.wallet.posted).toBe(0n);
  });

  test("is asked of Azure where its address has them", async () => {
    const azure = (url: string) => [{ id: "azure", kind: ProviderKind.PROVIDER_KIND_AZURE, priceBook: "openai", baseUrl: `${url}/azure/openai/v1`, secret: UPSTREAM_SECRET }];
    await using first = await Rig.start();
    await using rig = await Rig.start({ peers: { providers: azure(first.simUrl) } });
    const { response } = await create(rig, "Hi", { model: "azure/gpt-4o-mini" });
    expect(response).toMatchObject({ status: "completed" });
    expect(first.sim.requests.last).toMatchObject({ dialect: "azure", path: "/azure/openai/v1/responses" });
  });
});

describe("a response that the budget does not pay for in full", () => {
  test("ends as incomplete, with all that was said", async () => {
    await using rig = await Rig.start({ peers: { budget: 1_500_000n } });
    const { pieces, error, ended } = await hear(rig, "Hi [[sim: ignore_limit tokens=4000 chunk_delay_ms=1]]", { max_output_tokens: 100 });
    expect(error).toBeUndefined();
    expect(numbersOf(pieces)).toEqual(pieces.map((_, index) => index));
    const [item, last] = pieces.slice(-2);
    const said = [{ type: "message", status: "incomplete", content: { content: { value: { values: [{ text: textOf(pieces) }] } } } }];
    expect(item).toMatchObject({ type: "response.output_item.done", item: said[0] });
    expect(last).toMatchObject({ type: "response.incomplete", response: { status: "incomplete", incompleteDetails: { reason: "max_output_tokens" }, output: said } });
    expect(ended).toMatchObject({ receipt: { cutReason: "budget_exhausted" } });
    await rig.peers.wallet.settled();
    expect((await rig.peers.recorded(1))[0]).toMatchObject({ outcome: AttemptOutcome.ATTEMPT_OUTCOME_CUT, cost: { value: rig.peers.wallet.posted } });
  });

  test("is cut to what it pays for where the limit says so", async () => {
    await using rig = await Rig.start({ peers: { budget: 300_000n } });
    rig.peers.wallet.clamps = true;
    const { response, receipt } = await create(rig, "Hi [[sim: tokens=1000]]", { max_output_tokens: 200 });
    expect(response).toMatchObject({ status: "incomplete", incompleteDetails: { reason: "max_output_tokens" } });
    expect([receipt?.cutReason, Number(sent(rig)["max_output_tokens"]) < 200]).toEqual(["budget_clamped", true]);
  });
});

test("a client that goes away is charged for what the provider worked on", async () => {
  await using rig = await Rig.start();
  const stream = rig.gateway.streamResponse({ call: undefined, response: asked("Hi [[sim: tokens=40 chunk_delay_ms=5]]") })[Symbol.asyncIterator]();
  await stream.next();
  await stream.next();
  await stream.return?.();
  const [record] = await rig.peers.recorded(1);
  expect(record).toMatchObject({ outcome: AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED, source: UsageSource.USAGE_SOURCE_REPORTED });
  await rig.peers.wallet.settled();
  expect([rig.peers.wallet.posted, rig.peers.wallet.held]).toEqual([record?.cost?.value, 0n]);
});

test.each([["OpenAI", [1, 0], "openai"], ["Anthropic", [0, 1], "anthropic"]] as const)("the next deployment answers whichever speaks Responses: the first is %s", async (_, weights, first) => {
  await using rig = await FallbackRig.start({ weights, [first]: { status: 503 } });
  const response = asked("Hi", { model: MODEL });
  const heard = await Array.fromAsync(rig.rig.gateway.streamResponse({ call: undefined, response }), ({ event }) => event);
  const types = heard.flatMap((event) => (event?.$case === "piece" ? [event.value.type] : []));
  expect([types[0], types.at(-1)]).toEqual(["response.created", "response.completed"]);
  expect(heard.at(-1)).toMatchObject({ $case: "ended", value: { receipt: { provider: first === "openai" ? "anthropic" : "openai", attempts: 4 } } });
  expect((await rig.rig.gateway.createResponse({ call: undefined, response })).response).toMatchObject({ status: "completed" });
});
