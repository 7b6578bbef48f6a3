import { readAuditConfig } from "@alfred/audit";
import { readEnv, type Env } from "@alfred/config";
import { readDirectoryConfig } from "@alfred/directory";
import { readEdgeConfig } from "@alfred/edge";
import { readGatewayConfig } from "@alfred/gateway";
import { readMeteringConfig } from "@alfred/metering";
import { readWalletConfig } from "@alfred/wallet";
import { readPartsConfig } from "./parts.ts";

/** What the six services and their parts are told by the environment. */
export type MeshConfig = ReturnType<typeof readMeshConfig>;

/** Reads it all, so that every problem shows at once. */
export function readMeshConfig(env: Env) {
  return readEnv(env, (reader) => ({
    parts: readPartsConfig(reader),
    directory: readDirectoryConfig(reader),
    metering: readMeteringConfig(reader),
    wallet: readWalletConfig(reader),
    audit: readAuditConfig(reader),
    gateway: readGatewayConfig(reader),
    edge: readEdgeConfig(reader),
  }));
}
