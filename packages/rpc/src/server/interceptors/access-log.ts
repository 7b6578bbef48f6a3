import { AlfredError, GrpcCode } from "@alfred/errors";
import type { Logger } from "@alfred/telemetry";
import type { Interceptor } from "../interceptor.ts";
import type { ServerCall } from "../server-call.ts";

/** What is written down about a call: never a body, never a secret. */
export interface CallRecord {
  /** "/alfred.v1.WalletService/Reserve" */
  readonly method: string;
  /** The gRPC status by name: "OK", "RESOURCE_EXHAUSTED". */
  readonly code: string;
  /** The reason by name, where it failed: "BUDGET_HELD". */
  readonly reason: string | undefined;
  readonly durationMs: number;
  readonly requestId: string;
  readonly keyId: string | undefined;
  readonly organisationId: string | undefined;
  readonly peer: string;
}

/** How calls are logged. */
export interface AccessLogOptions {
  readonly log: Logger;
  /** Unary calls that took at least as long are written at level info. */
  readonly slowMs: number;
  /** Sees each record too, for metrics. */
  readonly observe: ((record: CallRecord) => void) | undefined;
}

const codeNames: ReadonlyMap<number, string> = new Map(Object.entries(GrpcCode).map(([name, code]) => [code, name]));

/** Writes one line per call when it is over. */
export function accessLog(options: AccessLogOptions): Interceptor {
  return async (call, next) => {
    try {
      await next(call);
      write(options, call, undefined);
    } catch (error) {
      write(options, call, error);
      throw error;
    }
  };
}

function write(options: AccessLogOptions, call: ServerCall, error: unknown): void {
  const record = recordOf(call, error instanceof AlfredError ? error : undefined);
  options.observe?.(record);
  const isSlow = record.durationMs >= options.slowMs && !call.method.definition.responseStream;
  const level = isSlow || isNoteworthy(error, call) ? "info" : "debug";
  if (options.log.isLevelEnabled(level)) options.log[level](lineOf(record), "call");
}

function lineOf(record: CallRecord): Readonly<Record<string, unknown>> {
  const { method, code, reason, peer } = record;
  const who = { key_id: record.keyId, organisation_id: record.organisationId };
  return { method, code, reason, duration_ms: record.durationMs, request_id: record.requestId, ...who, peer };
}

// A watch that ends for time or because its reader left ends as it should.
function isNoteworthy(error: unknown, call: ServerCall): boolean {
  if (error === undefined) return false;
  const isPlainEnd = error instanceof AlfredError && (error.code === "CANCELLED" || error.code === "DEADLINE_EXCEEDED");
  return !(call.method.isWatch && isPlainEnd);
}

function recordOf(call: ServerCall, error: AlfredError | undefined): CallRecord {
  return {
    method: call.method.definition.path,
    code: codeNames.get(error?.row.grpcCode ?? GrpcCode.OK) ?? "UNKNOWN",
    reason: error?.code,
    durationMs: Math.round((performance.now() - call.startedAt) * 1000) / 1000,
    requestId: call.requestId,
    keyId: call.principal.keyId,
    organisationId: call.principal.organisationId,
    peer: call.incoming.peer,
  };
}
