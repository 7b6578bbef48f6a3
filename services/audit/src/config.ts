import { join } from "node:path";

import type { EnvReader } from "@alfred/config";

/** What audit is told by its environment, however it is run. */
export interface AuditConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** What peers call with. */
  readonly serviceToken: string;
  /** Where checkpoints are kept: best on another disk than the database's. */
  readonly checkpointFolder: string;
}

/** Audit's own variables; each problem is noted in the reader. */
export function readAuditConfig(env: EnvReader): AuditConfig {
  const home = env.string("ALFRED_HOME", { fallback: ".alfred" });
  return {
    host: env.string("ALFRED_HOST", { fallback: "127.0.0.1" }),
    port: env.port("ALFRED_AUDIT_PORT", { fallback: 50_055 }),
    serviceToken: env.serviceToken(),
    checkpointFolder: env.string("ALFRED_AUDIT_CHECKPOINTS", { fallback: join(home, "audit-checkpoints") }),
  };
}
