/** Audit, for whoever composes the mesh. */
export { readAuditConfig } from "./config.ts";
export type { AuditConfig } from "./config.ts";
export type { AuditParts } from "./context.ts";
export { AuditService, createAuditService } from "./service.ts";
