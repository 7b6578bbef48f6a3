import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/** The metrics of one process, or of one service where several share a process. */
export type MetricRegistry = Registry;

/** A metric's name ("alfred_edge_requests_total"), what it counts, and its labels. */
export interface MetricOptions<Label extends string> {
  readonly registry: MetricRegistry;
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** Seconds, from a millisecond to a minute. */
const secondsBuckets: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A new registry; with `processMetrics` it also tells memory, CPU, event loop lag and garbage collection. */
export function createRegistry(options: { readonly processMetrics?: boolean } = {}): MetricRegistry {
  const registry = new Registry();
  if (options.processMetrics === true) collectDefaultMetrics({ register: registry });
  return registry;
}

/** A count that only rises. Asking for the same name again gives the same counter, so that services can share a registry. */
export function counter<Label extends string = never>(options: MetricOptions<Label>): Counter<Label> {
  const { registry, name, help, labels = [] } = options;
  const made = registry.getSingleMetric(name);
  if (made === undefined) return new Counter({ name, help, labelNames: labels, registers: [registry] });
  return sameKind(made, Counter<Label>, name);
}

/** A value that rises and falls; the same name gives the same gauge. */
export function gauge<Label extends string = never>(options: MetricOptions<Label>): Gauge<Label> {
  const { registry, name, help, labels = [] } = options;
  const made = registry.getSingleMetric(name);
  if (made === undefined) return new Gauge({ name, help, labelNames: labels, registers: [registry] });
  return sameKind(made, Gauge<Label>, name);
}

/** A distribution, by default of seconds from 1 ms to 60 s; the same name gives the same histogram. */
export function histogram<Label extends string = never>(
  options: MetricOptions<Label> & { readonly buckets?: readonly number[] },
): Histogram<Label> {
  const { registry, name, help, labels = [], buckets = secondsBuckets } = options;
  const made = registry.getSingleMetric(name);
  if (made !== undefined) return sameKind(made, Histogram<Label>, name);
  return new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [registry] });
}

function sameKind<M>(metric: unknown, kind: new (...args: never[]) => M, name: string): M {
  if (metric instanceof kind) return metric;
  throw new TypeError(`the metric ${name} exists already as another kind than ${kind.name}`);
}
