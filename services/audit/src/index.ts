/** Audit, for whoever composes the mesh; and the chain's own arithmetic, for whoever verifies an export. */
export { readAuditConfig } from "./config.ts";
export type { AuditConfig } from "./config.ts";
export type { AuditParts } from "./context.ts";
export { verifyLinks } from "./domain/chain.ts";
export type { Fault, Head, Link, Verdict } from "./domain/chain.ts";
export { AuditService, createAuditService } from "./service.ts";
