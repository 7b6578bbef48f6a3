import type { Server } from "node:http";
import {
  AuditServiceService,
  ConfigServiceService,
  DirectoryServiceService,
  GatewayServiceService,
  MeteringServiceService,
  WalletServiceService,
} from "@alfred/contracts";
import { checkHealth, contractDescriptors, createClient, type Transport } from "@alfred/rpc";
import type { Logger, MetricRegistry } from "@alfred/telemetry";
import { adminRoutes } from "./admin/transcoder.ts";
import type { EdgeConfig } from "./config.ts";
import { BodyReader } from "./http/body.ts";
import { Cors } from "./http/cors.ts";
import { OpenAnswers } from "./http/open-answers.ts";
import { Router, type Route } from "./http/router.ts";
import { createHttpServer } from "./http/server.ts";
import { createEdgeMetrics } from "./metrics.ts";
import { anthropicErrorBody as errorBody } from "./anthropic/error-body.ts";
import { countTokens, createMessage } from "./anthropic/messages.ts";
import { createChatCompletion } from "./openai/chat.ts";
import { createCompletion } from "./openai/completions.ts";
import { createEmbedding } from "./openai/embeddings.ts";
import { createImage } from "./openai/images.ts";
import { createModeration } from "./openai/moderations.ts";
import { getModel, listModels } from "./openai/models.ts";
import { createSpeech } from "./openai/speech.ts";
import { operationsRoutes } from "./operations.ts";

/** The services that the edge calls. */
export type EdgePeer = "gateway" | "metering" | "wallet" | "directory" | "audit";

/** What whoever composes the mesh hands to the edge. */
export interface EdgeParts {
  readonly peers: Readonly<Record<EdgePeer, Transport>>;
  readonly log: Logger;
  readonly registry: MetricRegistry;
  /** How long answers under way may take when it stops, in milliseconds; 10,000 unless stated. */
  readonly drainMs?: number;
}

/** The edge put together. */
export interface EdgeContext {
  readonly server: Server;
  readonly answers: OpenAnswers;
  /** Whether the gateway serves. */
  isReady(): Promise<boolean>;
}

/** Puts the edge together. */
export function createContext(config: EdgeConfig, parts: EdgeParts): EdgeContext {
  const { peers, log, registry } = parts;
  const isReady = (): Promise<boolean> => checkHealth(peers.gateway);
  const bodies = new BodyReader();
  const router = new Router([
    ...modelRoutes(config, peers.gateway, bodies),
    ...operationsRoutes({ registry, isReady }),
    ...adminRoutes(contractDescriptors(), bodies, [
      { definition: MeteringServiceService, transport: peers.metering },
      { definition: WalletServiceService, transport: peers.wallet },
      { definition: DirectoryServiceService, transport: peers.directory },
      { definition: ConfigServiceService, transport: peers.directory },
      { definition: AuditServiceService, transport: peers.audit },
    ]),
  ]);
  const cors = new Cors(config.corsOrigins);
  const answers = new OpenAnswers();
  return { server: createHttpServer({ router, cors, metrics: createEdgeMetrics(registry), answers, log }), answers, isReady };
}

function modelRoutes(config: EdgeConfig, transport: Transport, bodies: BodyReader): Route[] {
  const { requestTimeoutMs: timeoutMs } = config;
  const gateway = createClient(GatewayServiceService, transport, { timeoutMs, streamTimeoutMs: timeoutMs });
  const parts = { gateway, bodies, silenceMs: config.silenceMs, timeoutMs };
  return [
    { method: "POST", path: "/v1/chat/completions", handle: (exchange) => createChatCompletion(parts, exchange) },
    { method: "POST", path: "/v1/messages", handle: (exchange) => createMessage(parts, exchange), errorBody },
    { method: "POST", path: "/v1/messages/count_tokens", handle: (exchange) => countTokens(parts, exchange), errorBody },
    { method: "POST", path: "/v1/completions", handle: (exchange) => createCompletion(parts, exchange) },
    { method: "POST", path: "/v1/embeddings", handle: (exchange) => createEmbedding(parts, exchange) },
    { method: "POST", path: "/v1/images/generations", handle: (exchange) => createImage(parts, exchange) },
    { method: "POST", path: "/v1/audio/speech", handle: (exchange) => createSpeech(parts, exchange) },
    { method: "POST", path: "/v1/moderations", handle: (exchange) => createModeration(parts, exchange) },
    { method: "GET", path: "/v1/models", handle: (exchange) => listModels(parts, exchange) },
    { method: "GET", path: "/v1/models/{model=**}", handle: (exchange) => getModel(parts, exchange) },
  ];
}
