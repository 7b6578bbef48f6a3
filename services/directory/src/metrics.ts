import { counter, gauge } from "@alfred/telemetry";
import type { MetricRegistry } from "@alfred/telemetry";

/** What the directory tells of itself. */
export interface DirectoryMetrics {
  /** A mutation was committed, or answered again. */
  answered(rpc: string): void;
  /** Counts a watch of this topic while it is open. */
  watched<Message>(topic: "keys" | "config", messages: AsyncIterable<Message>): AsyncGenerator<Message, void>;
}

/** Registers the directory's metrics. */
export function createDirectoryMetrics(registry: MetricRegistry): DirectoryMetrics {
  const mutations = counter({
    registry,
    name: "alfred_directory_mutations_total",
    help: "Mutations committed or answered again",
    labels: ["rpc"],
  });
  const watches = gauge({
    registry,
    name: "alfred_directory_watches",
    help: "Watches that are open",
    labels: ["topic"],
  });
  return {
    answered: (rpc) => mutations.inc({ rpc }),
    watched: async function* watched(topic, messages) {
      watches.inc({ topic });
      try {
        yield* messages;
      } finally {
        watches.dec({ topic });
      }
    },
  };
}
