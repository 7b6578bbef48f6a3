import { counter, histogram, type MetricRegistry } from "@alfred/telemetry";

type Observe = (route: string, status: number, durationMs: number) => void;

/** What the edge counts. */
export interface EdgeMetrics {
  /** One request; `route` is the route's pattern, so that its values stay few. */
  readonly observe: Observe;
}

/** Registers the edge's metrics. */
export function createEdgeMetrics(registry: MetricRegistry): EdgeMetrics {
  const requests = counter({
    registry,
    name: "alfred_edge_requests_total",
    help: "HTTP requests answered, by route and status.",
    labels: ["route", "status"],
  });
  const duration = histogram({
    registry,
    name: "alfred_edge_request_duration_seconds",
    help: "Time from a request's head to the end of its answer, by route.",
    labels: ["route"],
  });
  return {
    observe(route, status, durationMs) {
      requests.inc({ route, status: String(status) });
      duration.observe({ route }, durationMs / 1_000);
    },
  };
}
