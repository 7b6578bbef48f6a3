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
import { answerOrTry } from "./alfred/dry-run.ts";
import { adminRoutes } from "./admin/transcoder.ts";
import type { EdgeConfig } from "./config.ts";
import { BodyReader } from "./http/body.ts";
import { Cors } from "./http/cors.ts";
import { OpenAnswers } from "./http/open-answers.ts";
import { Router, type Route } from "./http/router.ts";
import type { Exchange } from "./http/exchange.ts";
import { createHttpServer } from "./http/server.ts";
import { createEdgeMetrics } from "./metrics.ts";
import { MODEL_ROUTES } from "./model-routes.ts";
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
  return MODEL_ROUTES.map((route) => {
    const { handle: _, ...rest } = route;
    return Object.assign(rest, { handle: (exchange: Exchange) => answerOrTry(route, parts, exchange) });
  });
}
