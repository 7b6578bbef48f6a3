import { counter, gauge } from "@alfred/telemetry";
import type { MetricRegistry } from "@alfred/telemetry";

/** What audit tells of itself. */
export interface AuditMetrics {
  /** A batch was committed. */
  chained(links: number, duplicates: number): void;
  /** A message was put aside. */
  rejected(): void;
  /** A checkpoint was written. */
  checkpointed(): void;
  /** A chain and its checkpoints contradict each other; it stays so until the process ends. */
  contradicted(organisations: number): void;
}

/** Registers the metrics of audit. */
export function createAuditMetrics(registry: MetricRegistry): AuditMetrics {
  const links = counter({ registry, name: "alfred_audit_links_total", help: "Events chained" });
  const duplicates = counter({
    registry,
    name: "alfred_audit_duplicates_total",
    help: "Events that were chained already",
  });
  const rejected = counter({
    registry,
    name: "alfred_audit_rejected_total",
    help: "Messages put aside because they are no events",
  });
  const checkpoints = counter({ registry, name: "alfred_audit_checkpoints_total", help: "Checkpoints written" });
  const contradictions = gauge({
    registry,
    name: "alfred_audit_contradictions",
    help: "Chains that end before their last checkpoint or differ from it",
  });
  return {
    chained: (added, known) => {
      links.inc(added);
      duplicates.inc(known);
    },
    rejected: () => rejected.inc(),
    checkpointed: () => checkpoints.inc(),
    contradicted: (organisations) => contradictions.set(organisations),
  };
}
