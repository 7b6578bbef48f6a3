import type { EnvReader } from "@alfred/config";

/** What the edge is told by its environment. */
export interface EdgeConfig {
  readonly host: string;
  readonly port: number;
  /** Longest silence on a stream before a comment bridges it, in milliseconds. */
  readonly silenceMs: number;
  /** How long a request for a model may take, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Origins whose pages may call; "*" for all. */
  readonly corsOrigins: readonly string[];
}

/** The edge's own variables; OpenAI's clients wait ten minutes for an answer, and so does the edge. */
export function readEdgeConfig(env: EnvReader): EdgeConfig {
  return {
    host: env.string("ALFRED_HOST", { fallback: "127.0.0.1" }),
    port: env.port("ALFRED_EDGE_PORT", { fallback: 8080 }),
    silenceMs: env.integer("ALFRED_EDGE_SILENCE_MS", { fallback: 10_000, min: 100, max: 300_000 }),
    requestTimeoutMs: env.integer("ALFRED_EDGE_REQUEST_TIMEOUT_MS", { fallback: 600_000, min: 1_000, max: 3_600_000 }),
    corsOrigins: env.string("ALFRED_EDGE_CORS_ORIGINS", { fallback: "*" }).split(",").map((origin) => origin.trim()),
  };
}
