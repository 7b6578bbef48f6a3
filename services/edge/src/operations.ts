import type { MetricRegistry } from "@alfred/telemetry";
import type { Route } from "./http/router.ts";

/** What the operator's probes ask. */
export interface OperationsParts {
  readonly registry: MetricRegistry;
  /** Whether requests can be answered now. */
  readonly isReady: () => Promise<boolean>;
}

/** Routes for load balancers and Prometheus; they need no key and tell nothing of anybody. */
export function operationsRoutes({ registry, isReady }: OperationsParts): Route[] {
  return [
    {
      method: "GET",
      path: "/healthz",
      async handle({ response }) {
        response.end("ok\n");
      },
    },
    {
      method: "GET",
      path: "/ready",
      async handle({ response }) {
        response.statusCode = (await isReady()) ? 200 : 503;
        response.end(response.statusCode === 200 ? "ready\n" : "not ready\n");
      },
    },
    {
      method: "GET",
      path: "/metrics",
      async handle({ response }) {
        response.setHeader("content-type", registry.contentType);
        response.end(await registry.metrics());
      },
    },
  ];
}
