/** Logs, metrics and traces. */
export { createLogger, LOG_LEVELS } from "./logger.ts";
export type { LogDestination, Logger, LoggerOptions, LogLevel } from "./logger.ts";
export { startMetricsServer } from "./metrics-server.ts";
export type { MetricsServer, MetricsServerOptions } from "./metrics-server.ts";
export { counter, createRegistry, gauge, histogram } from "./metrics.ts";
export type { MetricOptions, MetricRegistry } from "./metrics.ts";
export { injectTrace, isTracing, startTracing, withExtractedTrace, withSpan } from "./tracing.ts";
export type { TraceCarrier, TracingOptions } from "./tracing.ts";
