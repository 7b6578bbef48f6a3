import { type ChatRequest, ModelPrice, ProviderKind, UsageSource } from "@alfred/contracts";
import { createProviderSim, simBaseUrls } from "@alfred/provider-sim";
import { expect, test } from "vitest";
import { price } from "./peers.ts";
import { Rig, UPSTREAM_SECRET, chatOf, hear } from "./rig.ts";

const MODEL = "sonar-deep-research";
/** Nano-dollars for a search, and how many the simulator says there were. */
const [SEARCH, SEARCHES] = [5_000_000n, 21n];

/** What stands in the record of a question that Perplexity researched. */
async function recordOf(ask: (rig: Rig, chat: ChatRequest) => Promise<unknown>) {
  await using sim = createProviderSim({ apiKeys: [UPSTREAM_SECRET] });
  const baseUrl = simBaseUrls(await sim.listen()).perplexity;
  const providers = [{ id: "perplexity", kind: ProviderKind.PROVIDER_KIND_PERPLEXITY, priceBook: "perplexity", baseUrl, secret: UPSTREAM_SECRET }];
  const meters = [price("input_tokens", 2_000_000_000n), price("output_tokens", 8_000_000_000n), price("web_searches", SEARCH * 1_000_000n)];
  const prices = [ModelPrice.create({ provider: "perplexity", model: MODEL, contextWindow: 128_000n, meters })];
  await using rig = await Rig.start({ peers: { providers, prices } });
  await ask(rig, chatOf("Hi", { model: MODEL, max_tokens: 50 }));
  const [record] = await rig.peers.recorded(1);
  await rig.peers.wallet.settled();
  expect(rig.peers.wallet.posted).toBe(record?.cost?.value);
  return record;
}

test.each([
  ["whole", (rig: Rig, chat: ChatRequest) => rig.gateway.createChatCompletion({ call: undefined, chat })],
  ["streamed", (rig: Rig, chat: ChatRequest) => hear(rig.gateway.streamChatCompletion({ call: undefined, chat }))],
])("searches that an answer took by itself are charged, %s", async (_, ask) => {
  const record = await recordOf(ask);
  expect(record).toMatchObject({ source: UsageSource.USAGE_SOURCE_REPORTED });
  expect(record?.quantities).toContainEqual({ meter: "web_searches", quantity: SEARCHES });
  expect(record?.cost?.value).toBeGreaterThan(SEARCHES * SEARCH);
});
