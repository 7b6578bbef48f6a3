import { context, defaultTextMapGetter, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Span } from "@opentelemetry/api";
import { isTracing } from "@alfred/telemetry";
import type { Interceptor } from "../interceptor.ts";
import type { ServerCall } from "../server-call.ts";

/** Continues the caller's trace: the handler, and the calls that it makes, run inside a server span. */
export function traceContext(): Interceptor {
  const tracer = trace.getTracer("@alfred/rpc");
  return async (call, next) => {
    if (!isTracing()) return next(call);
    const parent = propagation.extract(ROOT_CONTEXT, carrierOf(call), defaultTextMapGetter);
    const span = tracer.startSpan(call.method.definition.path.slice(1), { kind: SpanKind.SERVER }, parent);
    if (!span.isRecording()) return context.with(trace.setSpan(parent, span), next, undefined, call);
    return recorded(span, call, () => context.with(trace.setSpan(parent, span), next, undefined, call));
  };
}

function carrierOf(call: ServerCall): Record<string, string | undefined> {
  return { traceparent: call.metadata.get("traceparent"), tracestate: call.metadata.get("tracestate") };
}

async function recorded(span: Span, call: ServerCall, run: () => Promise<void>): Promise<void> {
  span.setAttributes({ "rpc.system": "grpc", "rpc.service": call.method.service, "rpc.method": call.method.name });
  try {
    await run();
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    span.end();
  }
}
