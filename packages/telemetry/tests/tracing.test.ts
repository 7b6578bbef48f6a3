import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { injectTrace, startTracing, withExtractedTrace, withSpan } from "../src/index.ts";

interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
}
interface TraceExport {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: unknown }[] };
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

const traceId = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

/** An OTLP collector that keeps what it is sent. */
async function startCollector(): Promise<{ url: string; exports: TraceExport[] } & AsyncDisposable> {
  const exports: TraceExport[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      exports.push(JSON.parse(Buffer.concat(chunks).toString()) as TraceExport);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, exports, [Symbol.asyncDispose]: close };
}

describe("while tracing is off", () => {
  test("helpers run what they are given and carry nothing", async () => {
    const tracing = await startTracing({ serviceName: "edge", env: {} });
    expect(withSpan("work", {}, () => injectTrace({}))).toEqual({});
    expect(await withSpan("work", {}, () => Promise.resolve(7))).toBe(7);
    await tracing[Symbol.asyncDispose]();
  });

  test("failures pass through", async () => {
    const failure = new Error("broken");
    expect(() => withSpan("work", {}, () => { throw failure; })).toThrow(failure);
    await expect(withSpan("work", {}, () => Promise.reject(failure))).rejects.toBe(failure);
  });
});

describe("while tracing is on", () => {
  const started: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const tracing of started.splice(0)) await tracing[Symbol.asyncDispose]();
  });

  test("spans reach the collector, within the caller's trace", async () => {
    await using collector = await startCollector();
    const tracing = await startTracing({ serviceName: "gateway", env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` } });
    started.push(tracing);
    const carried = await withExtractedTrace({ traceparent }, () =>
      withSpan("outer", { "alfred.model": "m" }, async () => {
        await Promise.resolve();
        return withSpan("inner", {}, () => injectTrace({}) as Record<string, string>);
      }),
    );
    expect(carried["traceparent"]).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(() => withSpan("failing", {}, () => { throw new Error("broken"); })).toThrow("broken");
    await tracing[Symbol.asyncDispose]();

    const resources = collector.exports.flatMap(({ resourceSpans }) => resourceSpans);
    const spans = resources.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
    const span = (name: string): ReceivedSpan | undefined => spans.find((each) => each.name === name);
    expect(span("outer")).toMatchObject({ traceId, parentSpanId: "b7ad6b7169203331" });
    expect(span("outer")?.attributes).toContainEqual({ key: "alfred.model", value: { stringValue: "m" } });
    expect(span("inner")).toMatchObject({ traceId });
    expect(span("failing")?.status).toMatchObject({ code: 2, message: "broken" });
    expect(resources[0]?.resource.attributes).toContainEqual({ key: "service.name", value: { stringValue: "gateway" } });
    expect(withExtractedTrace({ traceparent }, () => injectTrace({}))).toEqual({});
  });

  test("a collector that is gone does not keep the process", async () => {
    const collector = await startCollector();
    await collector[Symbol.asyncDispose]();
    const tracing = await startTracing({ serviceName: "gateway", env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
    withSpan("lost", {}, () => undefined);
    await expect(tracing[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});
