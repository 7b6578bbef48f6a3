import { counter, histogram, type MetricRegistry } from "@alfred/telemetry";
import type { CallRecord } from "./interceptors/access-log.ts";

/** Counts calls by method and status, and how long they took; methods are few, so their label is bounded. */
export function callMetrics(registry: MetricRegistry): (record: CallRecord) => void {
  const calls = counter({
    registry,
    name: "alfred_rpc_calls_total",
    help: "RPCs ended, by method, gRPC status and reason.",
    labels: ["method", "code", "reason"],
  });
  const duration = histogram({
    registry,
    name: "alfred_rpc_call_duration_seconds",
    help: "Time from a call's arrival to its end, by method; a stream counts whole.",
    labels: ["method"],
  });
  return ({ method, code, reason, durationMs }) => {
    calls.inc({ method, code, reason: reason ?? "" });
    duration.observe({ method }, durationMs / 1_000);
  };
}
