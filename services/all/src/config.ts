import { readAuditConfig, type AuditConfig } from "@alfred/audit";
import { readEnv, type Env } from "@alfred/config";
import { readDirectoryConfig, type DirectoryConfig } from "@alfred/directory";
import { readEdgeConfig, type EdgeConfig } from "@alfred/edge";
import { readGatewayConfig, type GatewayConfig } from "@alfred/gateway";
import { readMeteringConfig, type MeteringConfig } from "@alfred/metering";
import { readWalletConfig, type WalletConfig } from "@alfred/wallet";
import { readPartsConfig, type PartsConfig } from "./parts.ts";

/** What the six services and their parts are told by the environment. */
export interface MeshConfig {
  readonly parts: PartsConfig;
  readonly directory: DirectoryConfig;
  readonly metering: MeteringConfig;
  readonly wallet: WalletConfig;
  readonly audit: AuditConfig;
  readonly gateway: GatewayConfig;
  readonly edge: EdgeConfig;
}

/** Reads it all, so that every problem shows at once. @throws ConfigError */
export function readMeshConfig(env: Env): MeshConfig {
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
