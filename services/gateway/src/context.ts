import {
  ConfigServiceService,
  GatewayServiceService,
  KeptObjectServiceService,
  MeteringServiceService,
  WalletServiceService,
} from "@alfred/contracts";
import type { RateLimiter } from "@alfred/redis";
import { type Client, type Handlers, KeyRing, type RpcServer, type Transport, createClient, createServer, implement } from "@alfred/rpc";
import type { Logger, MetricRegistry } from "@alfred/telemetry";
import type { Dispatcher } from "undici";
import type { GatewayConfig } from "./config.ts";
import { Departures } from "./exchange/departure.ts";
import { Gate } from "./exchange/gate.ts";
import type { ExchangeParts } from "./exchange/parts.ts";
import { Shadows, withShadows } from "./exchange/shadows.ts";
import { Feeds } from "./feeds/feeds.ts";
import { createHealth } from "./health/create-health.ts";
import type { HealthBoard } from "./health/health-board.ts";
import type { ProviderChecks } from "./health/provider-checks.ts";
import { createGatewayMetrics, type Depths } from "./metrics.ts";
import type { BatchParts } from "./kept/batch-parts.ts";
import { KeeperWatch } from "./kept/keeper-watch.ts";
import { gaugeMoney } from "./money/money-metrics.ts";
import { createSteadyClock } from "./leases/steady-clock.ts";
import { LeaseAdapter } from "./money/lease-adapter.ts";
import { HttpProvider } from "./providers/http-provider.ts";
import { createWayOut } from "./providers/way-out.ts";
import { dryRun } from "./dry-run/decide.ts";
import { askedOf } from "./rpc/asked-of.ts";
import { estimatePrice } from "./rpc/estimate-price.ts";
import { countMessageTokens } from "./rpc/count-message-tokens.ts";
import { cancelBatch, getBatch, listBatches } from "./rpc/batches.ts";
import { createBatch } from "./rpc/create-batch.ts";
import { createChatCompletion } from "./rpc/create-chat-completion.ts";
import { createCompletion } from "./rpc/create-completion.ts";
import { createEmbedding } from "./rpc/create-embedding.ts";
import { createFile } from "./rpc/create-file.ts";
import { createImage, createImageEdit, createImageVariation } from "./rpc/create-image.ts";
import { createMessage } from "./rpc/create-message.ts";
import { createModeration } from "./rpc/create-moderation.ts";
import { createTranscription } from "./rpc/create-transcription.ts";
import { createTranslation } from "./rpc/create-translation.ts";
import { createResponse } from "./rpc/create-response.ts";
import { deleteFile, getFile, listFiles, streamFileContent } from "./rpc/files.ts";
import { getModel, listModels } from "./rpc/models.ts";
import { type HealthParts, getProviderHealth, listProviders, watchProviderHealth } from "./rpc/provider-health.ts";
import { deleteResponse, getResponse, listResponseInputItems } from "./rpc/stored-responses.ts";
import { streamChatCompletion } from "./rpc/stream-chat-completion.ts";
import { streamCompletion } from "./rpc/stream-completion.ts";
import { streamImage, streamImageEdit } from "./rpc/stream-image.ts";
import { streamMessage } from "./rpc/stream-message.ts";
import { streamResponse } from "./rpc/stream-response.ts";
import { streamSpeech } from "./rpc/stream-speech.ts";
import { streamTranscription } from "./rpc/stream-transcription.ts";
import { Tokenizer } from "./tokens/tokenizer.ts";
import { UsageQueue } from "./usage/usage-queue.ts";

/** How long whoever set no deadline is waited on after the time for the whole request, in milliseconds. */
const LAST_WORD_MS = 1_000;

/** The services that the gateway calls. */
export type GatewayPeer = "wallet" | "metering" | "directory";

/** What whoever composes the mesh hands to the gateway. */
export interface GatewayParts {
  readonly peers: Readonly<Record<GatewayPeer, Transport>>;
  /** Counts requests per minute. */
  readonly limiter: RateLimiter;
  readonly log: Logger;
  readonly registry: MetricRegistry;
  /** Milliseconds since the epoch; the system's clock by default. */
  readonly now?: () => number;
  /** From 0 to 1, for the pauses between attempts; `Math.random` by default. */
  readonly random?: () => number;
}

/** The gateway put together. */
export interface GatewayContext {
  readonly server: RpcServer;
  readonly keys: KeyRing;
  readonly feeds: Feeds;
  readonly gate: Gate;
  readonly departures: Departures;
  readonly health: HealthBoard;
  readonly shadows: Shadows;
  readonly checks: ProviderChecks;
  readonly money: LeaseAdapter;
  readonly records: UsageQueue;
  readonly wayOut: Dispatcher;
  readonly metering: Client<typeof MeteringServiceService>;
  readonly configuration: Client<typeof ConfigServiceService>;
  /** Begins to look after what providers keep. */
  watchKept(): KeeperWatch;
}

/** Puts the gateway together. */
export function createContext(config: GatewayConfig, parts: GatewayParts): GatewayContext {
  const { peers, log, registry, limiter, now = Date.now, random = Math.random } = parts;
  const { serviceToken: token, requestTimeoutMs } = config;
  const metering = createClient(MeteringServiceService, peers.metering, { token });
  const configuration = createClient(ConfigServiceService, peers.directory, { token });
  const wallet = createClient(WalletServiceService, peers.wallet, { token });
  const keys = new KeyRing({ serviceToken: token, now });
  const feeds = new Feeds(keys, ({ id }, { field, message }) => log.warn({ rule: id, field, message }, "a rule for routes cannot be used"));
  const records = new UsageQueue({ metering, log });
  const clock = createSteadyClock(() => performance.now(), now);
  const money = new LeaseAdapter(config.money, { wallet, records, log, clock });
  const gate = new Gate(config.gate, () => [money.pending, records.size]);
  const wayOut = createWayOut(config.wayOut);
  const provider = new HttpProvider(wayOut, config.patience, now);
  const depths = (): Depths => ({ inFlight: gate.inFlight, draining: departures.size, settlements: money.pending, records: records.size });
  const metrics = createGatewayMetrics(registry, depths);
  const departures = new Departures(config.departure, metrics.drainEnded);
  const shadows = new Shadows(config.shadow, metrics, gate.beside);
  gaugeMoney(registry, () => money.figures, now);
  const { targets, health, checks } = createHealth(config.checks, { wayOut, registry, feeds, log, now, random });
  const exchange: ExchangeParts = {
    feeds, limiter, gate, departures, shadows, money, provider, records, metrics, targets, now, random, requestTimeoutMs,
    tokenizer: new Tokenizer(),
    retry: config.retry,
    strategy: config.strategy,
  };
  const kept: BatchParts = { ...exchange, wallet, metering, record: createClient(KeptObjectServiceService, peers.directory, { token }) };
  const server = createServer({
    name: "gateway",
    bindings: [bind(exchange, { feeds, now, health }, kept)],
    authenticate: keys.authenticate,
    registry,
    log,
    now,
    // Answers of models take their time, so a caller that sets no deadline gets the longest, and hears what took it.
    deadlines: { unaryDefaultMs: requestTimeoutMs + LAST_WORD_MS, streamDefaultMs: requestTimeoutMs + LAST_WORD_MS },
    slowMs: requestTimeoutMs,
  });
  const watchKept = (): KeeperWatch => new KeeperWatch({ ...kept, log, lookMs: config.keptLookMs });
  return { server, keys, feeds, gate, departures, shadows, health, checks, money, records, wayOut, metering, configuration, watchKept };
}

function bind(parts: ExchangeParts, health: HealthParts, kept: BatchParts): ReturnType<typeof implement> {
  return implement(GatewayServiceService, {
    createChatCompletion: withShadows(parts, createChatCompletion),
    streamChatCompletion: withShadows(parts, streamChatCompletion),
    createMessage: withShadows(parts, createMessage),
    streamMessage: withShadows(parts, streamMessage),
    countMessageTokens: (request, context) => countMessageTokens(parts, request, context),
    createCompletion: withShadows(parts, createCompletion),
    streamCompletion: withShadows(parts, streamCompletion),
    createResponse: withShadows(parts, createResponse),
    streamResponse: withShadows(parts, streamResponse),
    getResponse: (request, context) => getResponse(parts, request, context),
    deleteResponse: (request, context) => deleteResponse(parts, request, context),
    listResponseInputItems: (request, context) => listResponseInputItems(parts, request, context),
    createEmbedding: withShadows(parts, createEmbedding),
    createImage: withShadows(parts, createImage),
    streamImage: withShadows(parts, streamImage),
    createImageEdit: withShadows(parts, createImageEdit),
    streamImageEdit: withShadows(parts, streamImageEdit),
    createImageVariation: withShadows(parts, createImageVariation),
    streamSpeech: withShadows(parts, streamSpeech),
    createTranscription: withShadows(parts, createTranscription),
    streamTranscription: withShadows(parts, streamTranscription),
    createTranslation: withShadows(parts, createTranslation),
    createModeration: withShadows(parts, createModeration),
    dryRun: (request, context) => dryRun(parts, askedOf(parts, request, context), context),
    estimatePrice: (request, context) => estimatePrice(parts, request, context),
    ...keptRpcs(kept),
    listModels: (_request, context) => listModels(parts, context),
    getModel: (request, context) => getModel(parts, request, context),
    listProviders: (_request, context) => listProviders(health, context),
    getProviderHealth: (request, context) => getProviderHealth(health, request, context),
    watchProviderHealth: (request, context) => watchProviderHealth(health, request, context),
  });
}

/** What is asked of files and batches. */
type KeptRpc = "createBatch" | "getBatch" | "listBatches" | "cancelBatch" | "createFile" | "getFile" | "listFiles" | "deleteFile" | "streamFileContent";

function keptRpcs(kept: BatchParts): Pick<Handlers<typeof GatewayServiceService>, KeptRpc> {
  return {
    createBatch: (request, context) => createBatch(kept, request, context),
    getBatch: (request, context) => getBatch(kept, request, context),
    listBatches: (request, context) => listBatches(kept, request, context),
    cancelBatch: (request, context) => cancelBatch(kept, request, context),
    createFile: (request, context) => createFile(kept, request, context),
    getFile: (request, context) => getFile(kept, request, context),
    listFiles: (request, context) => listFiles(kept, request, context),
    deleteFile: (request, context) => deleteFile(kept, request, context),
    streamFileContent: (request, context) => streamFileContent(kept, request, context),
  };
}
