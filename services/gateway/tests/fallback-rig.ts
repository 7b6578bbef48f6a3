import { type ModelPrice, Provider, ProviderKind, type UsageRecord } from "@alfred/contracts";
import { type Behaviour, type ProviderSim, createProviderSim } from "@alfred/provider-sim";
import { price } from "./peers.ts";
import { Rig } from "./rig.ts";

/** The model that clients ask for: served by OpenAI, in Europe too, and at last by Anthropic, for twice as much. */
export const MODEL = "house-chat";

interface FallbackOptions {
  /** How each of them behaves; all answer unless stated. */
  readonly openai?: Behaviour;
  readonly anthropic?: Behaviour;
  readonly env?: Readonly<Record<string, string>>;
  readonly budget?: bigint;
  /** The weights of the deployments at OpenAI and Anthropic. */
  readonly weights?: readonly [number, number];
  /** The models of nodes, by their ids. */
  readonly allowedModels?: Readonly<Record<string, string[]>>;
}

const PRICES: readonly Partial<ModelPrice>[] = [
  { provider: "openai", model: "gpt-4o-mini", contextWindow: 128_000n, maxOutputTokens: 16_384n, meters: [price("input_tokens", 1_000_000_000n), price("output_tokens", 2_000_000_000n)] },
  { provider: "anthropic", model: "claude-opus-4-5", contextWindow: 200_000n, maxOutputTokens: 16_384n, meters: [price("input_tokens", 2_000_000_000n), price("output_tokens", 4_000_000_000n)] },
];

/** A gateway with one model at two providers, which speak otherwise and stand on sockets of their own. */
export class FallbackRig implements AsyncDisposable {
  readonly rig: Rig;
  readonly openai: ProviderSim;
  readonly anthropic: ProviderSim;
  /** Anthropic as it is configured. */
  readonly anthropicProvider: Provider;
  readonly #stack: AsyncDisposableStack;

  private constructor(rig: Rig, sims: readonly [ProviderSim, ProviderSim], anthropicProvider: Provider, stack: AsyncDisposableStack) {
    this.rig = rig;
    this.anthropicProvider = anthropicProvider;
    [this.openai, this.anthropic] = sims;
    this.#stack = stack;
  }

  static async start({ openai = {}, anthropic = {}, env = {}, budget, weights = [1, 1], allowedModels = {} }: FallbackOptions = {}): Promise<FallbackRig> {
    await using stack = new AsyncDisposableStack();
    const sims = [stack.use(createProviderSim({ behaviour: openai })), stack.use(createProviderSim({ behaviour: anthropic }))] as const;
    const [openaiUrl, anthropicUrl] = [await sims[0].listen(), await sims[1].listen()];
    const providers = [
      { id: "openai", baseUrl: `${openaiUrl}/v1`, secret: "sk-one" },
      { id: "anthropic", baseUrl: `${anthropicUrl}/anthropic`, secret: "sk-two", kind: ProviderKind.PROVIDER_KIND_ANTHROPIC, priceBook: "anthropic" },
    ];
    const deployments = [
      { id: "a", model: MODEL, providerId: "openai", upstreamModel: "gpt-4o-mini", weight: weights[0] },
      { id: "b", model: MODEL, providerId: "anthropic", upstreamModel: "claude-opus-4-5", weight: weights[1] },
    ];
    const rig = stack.use(await Rig.start({ env, peers: { providers, deployments, prices: PRICES, allowedModels, ...(budget !== undefined && { budget }) } }));
    const anthropicProvider = Provider.create({ ...providers[1], hasSecret: true });
    return new FallbackRig(rig, sims, anthropicProvider, stack.move());
  }

  /** Waits until all is settled, and says what the ledger and the records come to. */
  async books(records: number): Promise<{ readonly records: UsageRecord[]; readonly posted: bigint; readonly held: bigint; readonly recorded: bigint }> {
    const all = await this.rig.peers.recorded(records);
    const { wallet } = this.rig.peers;
    await wallet.settled();
    return { records: all, posted: wallet.posted, held: wallet.held, recorded: all.reduce((sum, { cost }) => sum + (cost?.value ?? 0n), 0n) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
