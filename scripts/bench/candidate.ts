import { cpuMicrosBelow } from "./cpu-time.ts";

/** What is measured, told apart in the results. */
export const CANDIDATES = [
  "upstream", "proxy",
  "one process", "one process, before", "six processes", "six processes, before", "gateway alone", "gateway alone, before",
] as const;
export type CandidateName = (typeof CANDIDATES)[number];

/** Something that answers chat requests. */
export interface Candidate {
  readonly name: CandidateName;
  /** "http://127.0.0.1:40001", or "127.0.0.1:40002" where it is spoken to over gRPC. */
  readonly origin: string;
  readonly key: string;
  /** CPU microseconds since the start, by process. */
  readonly cpu: () => ReadonlyMap<string, number>;
}

/** A candidate that runs in one process, and those below it. */
export function candidate(name: CandidateName, origin: string, key: string, pid: number): Candidate {
  return { name, origin, key, cpu: () => cpuMicrosBelow(pid) };
}

const SERVERS = new Set(["postgres", "redis", "nats"]);

/** The candidate's own share of what was spent: all but the servers that it uses. */
export function ownMicros(spent: ReadonlyMap<string, number>): number {
  return sum([...spent].filter(([name]) => !SERVERS.has(name)));
}

/** The share of Postgres, Redis and NATS. */
export function serverMicros(spent: ReadonlyMap<string, number>): number {
  return sum([...spent].filter(([name]) => SERVERS.has(name)));
}

function sum(entries: readonly (readonly [string, number])[]): number {
  return entries.reduce((total, [, micros]) => total + micros, 0);
}
