import { counter, gauge } from "@alfred/telemetry";
import type { MetricRegistry } from "@alfred/telemetry";

/** What the directory tells of itself. */
export interface DirectoryMetrics {
  /** A mutation was committed, or answered again. */
  answered(rpc: string): void;
  /** The configuration file had changed: it was applied, refused for what is in it, or the database failed. */
  configFile(outcome: "applied" | "refused" | "failed"): void;
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
    configFile: createConfigFileMetrics(registry),
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

function createConfigFileMetrics(registry: MetricRegistry): DirectoryMetrics["configFile"] {
  const readings = counter({
    registry,
    name: "alfred_directory_config_file_changes_total",
    help: "Changes of the configuration file: applied, refused for what is in them, or failed for want of the database",
    labels: ["outcome"],
  });
  const valid = gauge({
    registry,
    name: "alfred_directory_config_file_valid",
    help: "Whether the configuration file is in use as it stands; 0 while the last good one is",
    labels: [],
  });
  valid.set({}, 1);
  return (outcome) => {
    readings.inc({ outcome });
    if (outcome !== "failed") valid.set({}, Number(outcome === "applied"));
  };
}
