/** The edge, for whoever composes the mesh. */
export { readEdgeConfig, type EdgeConfig } from "./config.ts";
export type { EdgeParts, EdgePeer } from "./context.ts";
export { MODEL_ROUTES } from "./model-routes.ts";
export { createEdgeService, EdgeService } from "./service.ts";
