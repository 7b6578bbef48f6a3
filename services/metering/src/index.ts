/** Metering, for whoever composes the mesh. */
export { type MeteringConfig, readMeteringConfig } from "./config.ts";
export type { MeteringParts } from "./context.ts";
export { createMeteringService } from "./service.ts";
export type { MeteringService } from "./service.ts";
