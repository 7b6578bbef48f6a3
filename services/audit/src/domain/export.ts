/** Reads what ListEvents answers in JSON, over REST or from grpcurl. */
import type { Head, Link } from "./chain.ts";
import { readCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** An export that cannot be read; the message says where. */
export class ExportError extends Error {
  override readonly name = "ExportError";
}

/** The links of one page, in its order. Throws an ExportError. */
export function readPage(text: string): Link[] {
  const { events = [] } = objectOf(parse(text), "the page");
  if (!Array.isArray(events)) throw new ExportError("`events` is not a list");
  return events.map((event: unknown, index) => readLink(objectOf(event, `event ${index}`), index));
}

/** The checkpoints of a file of them. Throws an ExportError for a line that does not continue the one before it. */
export function readCheckpoints(text: string, organisation: string): Head[] {
  const checkpoints: Checkpoint[] = [];
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const checkpoint = readCheckpoint(organisation, line, checkpoints.at(-1));
    if (checkpoint === undefined) {
      throw new ExportError(`checkpoint ${checkpoints.length + 1} does not continue the one before it`);
    }
    checkpoints.push(checkpoint);
  }
  return checkpoints;
}

function readLink(event: Readonly<Record<string, unknown>>, index: number): Link {
  const { sequence } = event;
  if (typeof sequence !== "string" || !/^\d{1,19}$/.test(sequence)) {
    throw new ExportError(`event ${index} has no sequence`);
  }
  const bytesOf = (name: string): Uint8Array => {
    const text = event[name] ?? "";
    if (typeof text !== "string") throw new ExportError(`event ${index} has no ${name}`);
    return Buffer.from(text, "base64");
  };
  return {
    sequence: BigInt(sequence),
    previousHash: bytesOf("previousHash"),
    hash: bytesOf("hash"),
    bytes: bytesOf("eventBytes"),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ExportError("the page is not JSON", { cause });
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new ExportError(`${what} is not an object`);
  return value as Readonly<Record<string, unknown>>;
}
