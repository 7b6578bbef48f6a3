import { BoundedMap } from "../bounded-map.ts";
import type { Call, Endpoint, Stamp } from "../dialect.ts";
import { invalidType, invalidValue, optionalObject, parseBody, requiredString } from "../json-fields.ts";
import type { JsonObject } from "../json-fields.ts";
import { invalidRequest } from "../sim-error.ts";
import { unknownFields } from "../unknown-fields.ts";
import type { FileStore } from "./file-store.ts";
import { notThere, pageOf } from "./page.ts";
import { SimBatch } from "./sim-batch.ts";
import { told } from "./told.ts";

const MOST_BATCHES = 1_000;
const MOST_METADATA = 16;
const PAGE = { usual: 20, most: 100 };
const FIELDS = new Set(["input_file_id", "endpoint", "completion_window", "metadata", "output_expires_after"]);

/** What batches work with. */
export interface BatchParts {
  readonly files: FileStore;
  /** What can be asked for in a batch, by its URL. */
  readonly runs: Readonly<Record<string, Endpoint>>;
}

/** The batches of one provider, oldest first. Source: https://platform.openai.com/docs/api-reference/batch */
export class BatchEndpoints {
  readonly #parts: BatchParts;
  readonly #batches = new BoundedMap<SimBatch>(MOST_BATCHES);
  #ids: readonly string[] = [];
  #made = 0;

  constructor(parts: BatchParts) {
    this.#parts = parts;
  }

  /** The endpoint of a path; undefined where it is none of theirs. */
  find(method: string, path: string): Endpoint | undefined {
    if (path === "/batches" && method === "POST") return told("batch_create", (call, stamp) => this.#create(call, stamp).json());
    if (path === "/batches" && method === "GET") return told("batch_list", ({ search }, stamp) => this.#list(search, stamp));
    const [, id, cancel] = /^\/batches\/([^/]+)(\/cancel)?$/.exec(path) ?? [];
    if (id === undefined || method !== (cancel === undefined ? "GET" : "POST")) return undefined;
    return told(cancel === undefined ? "batch" : "batch_cancel", (_call, stamp) => this.#look(id, stamp, cancel !== undefined));
  }

  #create({ body }: Call, { nowMs }: Stamp): SimBatch {
    const json = parseBody(body);
    const [unknown] = unknownFields(json, FIELDS);
    if (unknown !== undefined) throw invalidRequest(`Unknown parameter: '${unknown}'.`, unknown, "unknown_parameter");
    const endpoint = requiredString(json, "endpoint");
    const run = this.#parts.runs[endpoint];
    if (run === undefined) throw invalidValue("endpoint", Object.keys(this.#parts.runs).join(", "));
    const completionWindow = requiredString(json, "completion_window");
    if (completionWindow !== "24h") throw invalidValue("completion_window", "24h");
    const input = this.#parts.files.get(requiredString(json, "input_file_id"));
    if (input === undefined) throw invalidRequest(`File '${String(json["input_file_id"])}' does not exist.`, "input_file_id");
    if (input.purpose !== "batch") throw invalidRequest("The input file must have been uploaded with the purpose 'batch'.", "input_file_id");
    this.#made += 1;
    const batch = new SimBatch({ id: `batch_sim${this.#made}`, endpoint, input, completionWindow, metadata: metadataOf(json), run, startMs: nowMs });
    this.#batches.set(batch.id, batch);
    this.#ids = [...this.#ids, batch.id].slice(-MOST_BATCHES);
    return batch;
  }

  #look(id: string, stamp: Stamp, cancels: boolean): object {
    const batch = this.#batches.get(id);
    if (batch === undefined) throw notThere(id);
    if (cancels) batch.cancel(this.#parts.files, stamp);
    else batch.advance(this.#parts.files, stamp);
    return batch.json();
  }

  #list(search: string, stamp: Stamp): object {
    const { items, hasMore } = pageOf(this.#ids.map((id) => ({ id })), search, PAGE);
    const data = items.map(({ id }) => this.#look(id, stamp, false));
    return { object: "list", data, first_id: items[0]?.id ?? null, last_id: items.at(-1)?.id ?? null, has_more: hasMore };
  }
}

function metadataOf(json: JsonObject): Record<string, string> | null {
  const metadata = optionalObject(json, "metadata");
  if (metadata === undefined) return null;
  const entries = Object.entries(metadata);
  if (entries.length > MOST_METADATA) throw invalidValue("metadata", `at most ${MOST_METADATA} pairs`);
  if (entries.some(([name, value]) => name.length > 64 || typeof value !== "string" || value.length > 512)) throw invalidType("metadata", "strings of at most 512 characters");
  return metadata as Record<string, string>;
}
