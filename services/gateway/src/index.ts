/** The gateway, for whoever composes the mesh. */
export { type GatewayConfig, readGatewayConfig } from "./config.ts";
export type { GatewayParts, GatewayPeer } from "./context.ts";
export { openJournal } from "./journal/journal.ts";
export type { Journal, JournalOptions } from "./journal/journal.ts";
export { type ProviderProfile, profileOf } from "./providers/profile.ts";
export { createGatewayService } from "./service.ts";
export type { GatewayService } from "./service.ts";
