/** Metering, for whoever composes the mesh. */
export { type MeteringConfig, readMeteringConfig } from "./config.ts";
export type { MeteringParts } from "./context.ts";
export { MeteringService } from "./service.ts";
