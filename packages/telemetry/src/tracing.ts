import { SpanStatusCode, context, propagation, trace } from "@opentelemetry/api";
import type { Attributes, Span } from "@opentelemetry/api";

export interface TracingOptions {
  /** The name that spans carry. */
  readonly serviceName: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Headers by name, in small letters: `traceparent` and `tracestate`. */
export type TraceCarrier = Record<string, string>;

const tracerName = "alfred";
/** How long stopping waits for the last spans to reach the collector, in milliseconds. */
const flushTimeoutMs = 3_000;

/**
 * Starts sending spans over OTLP/HTTP to `OTEL_EXPORTER_OTLP_ENDPOINT`; without it nothing is loaded and every helper
 * below costs next to nothing. One per process: the OpenTelemetry API keeps its providers globally. Dispose it last.
 */
export async function startTracing({ serviceName, env }: TracingOptions): Promise<AsyncDisposable> {
  const endpoint = env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  if (endpoint === undefined || endpoint === "") return { [Symbol.asyncDispose]: () => Promise.resolve() };
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) {
    throw new Error(`OTEL_EXPORTER_OTLP_ENDPOINT is ${JSON.stringify(endpoint)}; expected an http or https URL, such as http://127.0.0.1:4318.`);
  }
  // Loaded only here, since the two take a quarter of a second and tens of megabytes.
  const [{ NodeSDK }, { OTLPTraceExporter }] = await Promise.all([
    import("@opentelemetry/sdk-node"),
    import("@opentelemetry/exporter-trace-otlp-http"),
  ]);
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  const sdk = new NodeSDK({
    serviceName,
    traceExporter: new OTLPTraceExporter({ url, timeoutMillis: flushTimeoutMs }),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  return { [Symbol.asyncDispose]: () => stopped(sdk) };
}

async function stopped(sdk: { shutdown(): Promise<void> }): Promise<void> {
  // A collector that is gone must not keep a process from ending.
  const timeout = AbortSignal.timeout(flushTimeoutMs);
  const waited = new Promise<void>((resolve) => timeout.addEventListener("abort", () => resolve(), { once: true }));
  await Promise.race([sdk.shutdown().catch(() => undefined), waited]);
  trace.disable();
  context.disable();
  propagation.disable();
}

/** Whether spans go anywhere: where not, whoever is in a hurry need not make any. */
export function isTracing(): boolean {
  // Only what nobody set up knows no headers.
  return propagation.fields().length > 0;
}

/** Writes the current span's W3C trace context into `carrier`; nothing where tracing is off. Returns `carrier`. */
export function injectTrace<Carrier extends TraceCarrier>(carrier: Carrier): Carrier {
  propagation.inject(context.active(), carrier);
  return carrier;
}

/** Runs `fn` as part of the trace that `carrier` names, if it names one. */
export function withExtractedTrace<Result>(carrier: Readonly<TraceCarrier>, fn: () => Result): Result {
  return context.with(propagation.extract(context.active(), carrier), fn);
}

/**
 * Runs `fn` within a new span, which ends when `fn` returns or its promise settles; a failure is recorded on the span
 * and passed on.
 */
export function withSpan<Result>(name: string, attributes: Attributes, fn: (span: Span) => Result): Result {
  return trace.getTracer(tracerName).startActiveSpan(name, { attributes }, (span) => {
    try {
      const result = fn(span);
      if (!isPromise(result)) {
        span.end();
        return result;
      }
      return result.then(
        (value: unknown) => {
          span.end();
          return value;
        },
        (error: unknown) => failed(span, error),
      ) as Result;
    } catch (error) {
      return failed(span, error);
    }
  });
}

function failed(span: Span, error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  span.recordException(error instanceof Error ? error : message);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.end();
  throw error;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}
