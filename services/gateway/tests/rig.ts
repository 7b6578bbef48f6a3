import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChatRequest, GatewayServiceService, type StreamChatCompletionResponse } from "@alfred/contracts";
import { readEnv } from "@alfred/config";
import { AlfredError } from "@alfred/errors";
import { readChatRequest } from "@alfred/openai";
import { type ProviderSim, type ProviderSimOptions, createProviderSim } from "@alfred/provider-sim";
import { MemoryRateLimiter } from "@alfred/redis";
import { type Client, createClient, socketTransport } from "@alfred/rpc";
import { createLogger, createRegistry, type MetricRegistry } from "@alfred/telemetry";
import { type GatewayConfig, type GatewayService, createGatewayService, readGatewayConfig } from "../src/index.ts";
import { type PeerOptions, Peers, SECRET, SERVICE_TOKEN } from "./peers.ts";

export const UPSTREAM_SECRET = "sk-upstream-0123456789";

export interface RigOptions {
  readonly peers?: Partial<PeerOptions>;
  readonly sim?: ProviderSimOptions;
  /** Environment variables besides the defaults of these tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the provider is, if not the simulator's own address. */
  readonly baseUrl?: (simUrl: string) => string;
  /** Waits for the first sync; true unless stated. */
  readonly ready?: boolean;
  /** The peers of another rig, which outlive this one. */
  readonly shared?: Peers;
  /** Where the journal is; a folder of its own that goes with the rig unless stated. */
  readonly journal?: string;
}

/** A gateway on a socket, a provider simulator behind it, and its peers in the same process. */
export class Rig implements AsyncDisposable {
  readonly sim: ProviderSim;
  readonly simUrl: string;
  readonly peers: Peers;
  readonly service: GatewayService;
  readonly gateway: Client<typeof GatewayServiceService>;
  readonly registry: MetricRegistry;
  readonly address: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(made: Omit<Rig, "connect" | "stop" | typeof Symbol.asyncDispose>, stack: AsyncDisposableStack) {
    ({ sim: this.sim, simUrl: this.simUrl, peers: this.peers, service: this.service } = made);
    ({ gateway: this.gateway, registry: this.registry, address: this.address } = made);
    this.#stack = stack;
  }

  static async start(options: RigOptions = {}): Promise<Rig> {
    await using stack = new AsyncDisposableStack();
    const sim = stack.use(createProviderSim({ apiKeys: [UPSTREAM_SECRET], ...options.sim }));
    const simUrl = await sim.listen();
    const baseUrl = options.baseUrl?.(simUrl) ?? `${simUrl}/v1`;
    const providers = [{ id: "openai", baseUrl, secret: UPSTREAM_SECRET }];
    const peers = options.shared ?? stack.use(new Peers({ providers, ...options.peers }));
    const registry = createRegistry();
    const transport = peers.server.transport;
    const parts = { peers: { wallet: transport, metering: transport, directory: transport }, limiter: new MemoryRateLimiter(), registry };
    const log = createLogger({ name: "gateway", level: "silent", destination: { write: () => undefined } });
    const journal = options.journal ?? (await temporaryFolder(stack));
    const env = { ALFRED_GATEWAY_JOURNAL: journal, ...options.env };
    const service = stack.use(createGatewayService(configOf(env), { ...parts, log, random: () => 0 }));
    const { port } = await service.start();
    const address = `127.0.0.1:${port}`;
    const way = stack.use(socketTransport({ address }));
    const gateway = createClient(GatewayServiceService, way, { token: SECRET, timeoutMs: 30_000 });
    if (options.ready !== false) await service.ready;
    return new Rig({ sim, simUrl, peers, service, gateway, registry, address }, stack.move());
  }

  /** Stops everything; may be called before disposal. */
  stop(): Promise<void> {
    return this.#stack.disposeAsync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

async function temporaryFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "alfred-gateway-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function configOf(env: Readonly<Record<string, string>> = {}): GatewayConfig {
  const defaults = { ALFRED_SERVICE_TOKEN: SERVICE_TOKEN, ALFRED_GATEWAY_PORT: "0", ALFRED_UPSTREAM_RETRY_BASE_MS: "1", ALFRED_GATEWAY_LEASE_IDLE_MS: "20", ALFRED_UPSTREAM_CHECK_INTERVAL_MS: "0" };
  return readEnv({ ...defaults, ...env }, readGatewayConfig);
}

/** A chat with one message of the user, and other fields in OpenAI's form. */
export function chatOf(content: string, fields: Readonly<Record<string, unknown>> = {}): ChatRequest {
  const json = { model: "gpt-4o-mini", messages: [{ role: "user", content }], ...fields };
  return readChatRequest(json).chat;
}

/** What a stream brought: its events, and the error that ended it if one did. */
export interface Heard {
  readonly events: NonNullable<StreamChatCompletionResponse["event"]>[];
  readonly error: AlfredError | undefined;
}

export async function hear(stream: AsyncIterable<StreamChatCompletionResponse>): Promise<Heard> {
  const events: Heard["events"] = [];
  try {
    for await (const { event } of stream) if (event !== undefined) events.push(event);
    return { events, error: undefined };
  } catch (error) {
    if (error instanceof AlfredError) return { events, error };
    throw error;
  }
}

/** The text of the chunks. */
export function textOf({ events }: Heard): string {
  const chunks = events.flatMap((event) => (event.$case === "chunk" ? event.value.choices : []));
  return chunks.map(({ delta }) => delta?.content ?? "").join("");
}

/** The failure of a call that should fail. */
export async function failureOf(call: Promise<unknown>): Promise<AlfredError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof AlfredError) return error;
    throw error;
  }
  throw new Error("The call did not fail.");
}
