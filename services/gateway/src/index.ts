/** The gateway, for whoever composes the mesh. */
export { type GatewayConfig, readGatewayConfig } from "./config.ts";
export type { GatewayParts, GatewayPeer } from "./context.ts";
export { createGatewayService } from "./service.ts";
export type { GatewayService } from "./service.ts";
