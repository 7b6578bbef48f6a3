/** The edge, for whoever composes the mesh. */
export { readEdgeConfig, type EdgeConfig } from "./config.ts";
export type { EdgeParts, EdgePeer } from "./context.ts";
export { createEdgeService, EdgeService } from "./service.ts";
