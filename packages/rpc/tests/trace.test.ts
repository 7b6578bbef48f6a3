import { AsyncLocalStorage } from "node:async_hooks";
import { GetAccountResponse } from "@alfred/contracts";
import { context, propagation, ROOT_CONTEXT, trace, TraceFlags } from "@opentelemetry/api";
import type { Attributes, Context, ContextManager, Span, SpanContext, TextMapPropagator, Tracer } from "@opentelemetry/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failureOf, TestServer, ways } from "./harness.ts";

// The least that the OpenTelemetry API takes for an SDK, so that what the chain does with it can be seen.

const storage = new AsyncLocalStorage<Context>();
const contexts: ContextManager = {
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: (active, fn, thisArg, ...args) => storage.run(active, () => fn.apply(thisArg as never, args)),
  bind: (_, target) => target,
  enable: () => contexts,
  disable: () => contexts,
};

const spans: RecordedSpan[] = [];

class RecordedSpan {
  readonly name: string;
  readonly parent: SpanContext | undefined;
  readonly own: SpanContext;
  attributes: Attributes = {};
  failure: string | undefined;
  isEnded = false;

  constructor(name: string, parent: SpanContext | undefined) {
    this.name = name;
    this.parent = parent;
    const spanId = String(spans.length + 1).padStart(16, "0");
    this.own = { traceId: parent?.traceId ?? "f".repeat(32), spanId, traceFlags: TraceFlags.SAMPLED };
    spans.push(this);
  }

  spanContext(): SpanContext {
    return this.own;
  }
  isRecording(): boolean {
    return true;
  }
  setAttributes(attributes: Attributes): this {
    this.attributes = attributes;
    return this;
  }
  setStatus({ message }: { message?: string }): this {
    this.failure = message;
    return this;
  }
  end(): void {
    this.isEnded = true;
  }
}

const startSpan: Tracer["startSpan"] = (name, _, parent) =>
  new RecordedSpan(name, trace.getSpanContext(parent ?? context.active())) as unknown as Span;

const propagator: TextMapPropagator = {
  fields: () => ["traceparent"],
  inject(active, carrier, setter) {
    const span = trace.getSpanContext(active);
    if (span !== undefined) setter.set(carrier, "traceparent", `00-${span.traceId}-${span.spanId}-01`);
  },
  extract(active, carrier, getter) {
    const [, traceId, spanId] = String(getter.get(carrier, "traceparent") ?? "").split("-");
    if (traceId === undefined || spanId === undefined) return active;
    return trace.setSpanContext(active, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
  },
};

beforeAll(() => {
  context.setGlobalContextManager(contexts);
  propagation.setGlobalPropagator(propagator);
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as Tracer });
});

afterAll(() => {
  trace.disable();
  propagation.disable();
  context.disable();
});

describe.each(ways)("a traced call (%s)", (way) => {
  test("runs in a span of the caller's trace, and so do the calls that it makes", async () => {
    spans.length = 0;
    const getAccount = async (): Promise<GetAccountResponse> => GetAccountResponse.create();
    await using inner = await TestServer.start({ wallet: { getAccount } });
    const client = inner.wallet(way);
    const outerHandler = async (): Promise<GetAccountResponse> => client.getAccount({ accountId: "" });
    await using outer = await TestServer.start({ wallet: { getAccount: outerHandler } });
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    await outer.wallet(way).getAccount({ accountId: "" }, { metadata: { traceparent } });
    const [first, second] = spans;
    expect(first).toMatchObject({ name: "alfred.v1.WalletService/GetAccount", isEnded: true, failure: undefined });
    expect(first?.parent).toMatchObject({ traceId: "a".repeat(32), spanId: "b".repeat(16) });
    expect(first?.attributes).toMatchObject({ "rpc.service": "alfred.v1.WalletService", "rpc.method": "GetAccount" });
    expect(second?.parent).toMatchObject({ traceId: "a".repeat(32), spanId: first?.own.spanId });
  });

  test("that fails marks its span", async () => {
    spans.length = 0;
    await using mesh = await TestServer.start({});
    await failureOf(mesh.wallet(way).getAccount({ accountId: "" }));
    expect(spans).toMatchObject([{ isEnded: true, failure: "Something went wrong on our side." }]);
  });
});
