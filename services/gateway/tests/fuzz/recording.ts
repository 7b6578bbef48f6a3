import type { ProviderKind } from "@alfred/contracts";

interface Usage {
  readonly prompt: bigint;
  readonly cached: bigint;
  readonly completion: bigint;
}

/** A stream as a provider documents it, and what it says. */
export interface Recording {
  /** Told apart by it in reports; the provider's id in the gateway's configuration, too. */
  readonly name: string;
  readonly kind: ProviderKind;
  /** Whose models it serves. */
  readonly priceBook: string;
  readonly model: string;
  /** What stands between the server's address and the path of the dialect. */
  readonly basePath: string;
  /** The body of its answer. */
  readonly body: Buffer;
  /** Of each answer, by its index, its text; and of all together the calls and the thoughts. */
  readonly texts: readonly string[];
  readonly thoughts: string;
  readonly calls: readonly (readonly [name: string, args: string])[];
  readonly finishReasons: readonly string[];
  /** Undefined where the provider reports none, so that it is counted. */
  readonly usage: Usage | undefined;
  /** What it has told of its usage by the time that so many chunks came; by it an answer that breaks off then is charged. */
  readonly reports?: readonly (Usage & { readonly chunks: number })[];
  /** Fields of the request besides model and message. */
  readonly asked?: Readonly<Record<string, unknown>>;
}

export type Json = Readonly<Record<string, unknown>>;

/** Server-sent events of these JSON texts, unnamed. */
export function events(...frames: readonly (Json | string)[]): string {
  return frames.map((frame) => `data: ${typeof frame === "string" ? frame : JSON.stringify(frame)}\n\n`).join("");
}

/** Server-sent events that are named as their JSON's `type`. */
export function namedEvents(...frames: readonly Json[]): string {
  return frames.map((frame) => `event: ${String(frame["type"])}\ndata: ${JSON.stringify(frame)}\n\n`).join("");
}

/** What most recordings say; they differ in how. */
export const SAID = {
  texts: ["Grüezi 🌿."],
  thoughts: "",
  calls: [],
  finishReasons: ["stop"],
  usage: { prompt: 20n, cached: 8n, completion: 9n },
} satisfies Partial<Recording>;

/** Two calls at once, one of them with nothing to say. */
export const CALLS: Recording["calls"] = [["weather", '{"city":"Zürich 🌧"}'], ["now", "{}"]];
