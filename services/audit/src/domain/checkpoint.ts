/**
 * Checkpoints: the head of a chain, written down outside the database. Each is one line of JSON with the SHA-256 of the
 * line before it, so that the checkpoints form a chain of their own.
 */
import { hash } from "node:crypto";

import type { Head } from "./chain.ts";

/** A checkpoint and the line that it is. */
export interface Checkpoint extends Head {
  readonly line: string;
}

const NO_LINE = "0".repeat(64);

/** The line that checkpoints `head` after `last`, without a line break. */
export function checkpointLine(organisation: string, head: Head, time: Date, last: Checkpoint | undefined): string {
  return JSON.stringify({
    organisation,
    sequence: head.sequence.toString(),
    hash: Buffer.from(head.hash).toString("hex"),
    time: time.toISOString(),
    previous: lineHash(last),
  });
}

/** Reads the line that should follow `last`; undefined where it does not continue it. */
export function readCheckpoint(
  organisation: string,
  line: string,
  last: Checkpoint | undefined,
): Checkpoint | undefined {
  const checkpoint = parseCheckpoint(organisation, line);
  if (checkpoint === undefined || checkpoint.previous !== lineHash(last)) return undefined;
  return checkpoint.sequence > (last?.sequence ?? 0n) ? checkpoint : undefined;
}

/** Reads a line by itself; undefined where it is no checkpoint of this organisation. */
export function parseCheckpoint(
  organisation: string,
  line: string,
): (Checkpoint & { readonly previous: string }) | undefined {
  const fields = parseObject(line);
  const { sequence, hash: head, previous } = fields;
  if (fields["organisation"] !== organisation || typeof previous !== "string") return undefined;
  if (typeof sequence !== "string" || !/^[1-9]\d{0,18}$/.test(sequence)) return undefined;
  if (typeof head !== "string" || !/^[0-9a-f]{64}$/.test(head)) return undefined;
  return { sequence: BigInt(sequence), hash: Buffer.from(head, "hex"), line, previous };
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function lineHash(last: Checkpoint | undefined): string {
  return last === undefined ? NO_LINE : hash("sha256", last.line);
}
