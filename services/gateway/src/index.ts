/** The gateway, for whoever composes the mesh. */
export { type GatewayConfig, readGatewayConfig } from "./config.ts";
export type { GatewayParts, GatewayPeer } from "./context.ts";
export { GatewayService } from "./service.ts";
