import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { counter, createRegistry, gauge, histogram, startMetricsServer } from "../src/index.ts";

describe("metrics", () => {
  test("are served as Prometheus reads them", async () => {
    const registry = createRegistry();
    counter({ registry, name: "alfred_requests_total", help: "Requests.", labels: ["status"] }).inc({ status: "200" }, 3);
    gauge({ registry, name: "alfred_open", help: "Open." }).set(2);
    histogram({ registry, name: "alfred_seconds", help: "Seconds." }).observe(0.004);
    await using server = await startMetricsServer({ host: "127.0.0.1", port: 0, registry, ready: () => true });
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    const text = await response.text();
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(text).toContain('alfred_requests_total{status="200"} 3');
    expect(text).toContain("alfred_open 2");
    expect(text).toContain('alfred_seconds_bucket{le="0.005"} 1');
  });

  test("tell of the process when asked to", async () => {
    expect(await createRegistry({ processMetrics: true }).metrics()).toContain("process_resident_memory_bytes");
  });

  test("of one name are one metric, so that services can share a registry", async () => {
    const registry = createRegistry();
    counter({ registry, name: "alfred_total", help: "All." }).inc();
    counter({ registry, name: "alfred_total", help: "All." }).inc();
    expect(await registry.metrics()).toContain("alfred_total 2");
    expect(() => gauge({ registry, name: "alfred_total", help: "All." })).toThrow("exists already as another kind");
  });
});

describe("health", () => {
  test("is that the process answers, readiness that it can work", async () => {
    let ready: () => boolean | Promise<boolean> = () => false;
    await using server = await startMetricsServer({ host: "127.0.0.1", port: 0, registry: createRegistry(), ready: () => ready() });
    const status = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status;
    expect(await status("/healthz")).toBe(200);
    expect(await status("/ready")).toBe(503);
    ready = () => Promise.reject(new Error("no database"));
    expect(await status("/ready?verbose")).toBe(503);
    ready = () => Promise.resolve(true);
    expect(await status("/ready")).toBe(200);
    expect(await status("/elsewhere")).toBe(404);
  });

  test("is only to be read", async () => {
    await using server = await startMetricsServer({ host: "127.0.0.1", port: 0, registry: createRegistry(), ready: () => true });
    expect((await fetch(`http://127.0.0.1:${server.port}/metrics`, { method: "POST" })).status).toBe(405);
  });

  test("cannot be told on a port that is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const start = startMetricsServer({ host: "127.0.0.1", port, registry: createRegistry(), ready: () => true });
    await expect(start).rejects.toMatchObject({ code: "EADDRINUSE" });
    other.close();
  });
});
