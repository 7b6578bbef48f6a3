import type { Endpoint, Stamp } from "../dialect.ts";
import { type BatchLine, type LineFault, type LineResult, readLines, runLine } from "./batch-line.ts";
import type { FileStore, SimFile } from "./file-store.ts";

/** What a batch is made of. */
export interface BatchTerms {
  readonly id: string;
  readonly endpoint: string;
  readonly input: SimFile;
  readonly completionWindow: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Runs one request. */
  readonly run: Endpoint;
  readonly startMs: number;
}

type Status = "validating" | "failed" | "in_progress" | "completed" | "expired" | "cancelled";

const DAY_MS = 86_400_000;

/**
 * A batch that gets on whenever somebody looks at it: nothing runs between. In its metadata `sim` may say how long each
 * request takes and when the batch expires, as in `line_ms=1000 window_ms=5000`; else all is done at the first look.
 */
export class SimBatch {
  readonly id: string;
  readonly #terms: BatchTerms;
  readonly #lines: readonly BatchLine[];
  readonly #faults: readonly LineFault[];
  readonly #times: Record<string, number> = {};
  readonly #lineMs: number;
  readonly #windowMs: number;
  #results: LineResult[] = [];
  #status: Status = "validating";
  #outputFileId: string | null = null;
  #errorFileId: string | null = null;

  constructor(terms: BatchTerms) {
    const asked = terms.metadata?.["sim"] ?? "";
    this.id = terms.id;
    this.#terms = terms;
    this.#lineMs = Number(/\bline_ms=(\d{1,9})\b/.exec(asked)?.[1] ?? 0);
    this.#windowMs = Number(/\bwindow_ms=(\d{1,9})\b/.exec(asked)?.[1] ?? DAY_MS);
    const { lines, faults } = readLines(terms.input.content, terms.endpoint);
    [this.#lines, this.#faults] = [lines, faults];
  }

  /** Gets on as far as the time allows. */
  advance(files: FileStore, stamp: Stamp): void {
    if (this.#status === "validating") this.#begin(stamp.nowMs);
    if (this.#status !== "in_progress") return;
    const ranMs = stamp.nowMs - this.#terms.startMs;
    const due = this.#lineMs === 0 ? this.#lines.length : Math.floor(Math.min(ranMs, this.#windowMs) / this.#lineMs);
    this.#runUpTo(due, stamp);
    if (this.#results.length === this.#lines.length) this.#end("completed", files, stamp.nowMs);
    else if (ranMs >= this.#windowMs) this.#end("expired", files, stamp.nowMs);
  }

  /** Ends it with what was done; one that is over stays as it is. */
  cancel(files: FileStore, stamp: Stamp): void {
    this.advance(files, stamp);
    if (this.#status === "in_progress") this.#end("cancelled", files, stamp.nowMs);
  }

  json(): object {
    const { id, endpoint, input, completionWindow, metadata, startMs } = this.#terms;
    const failed = this.#results.filter(({ isError }) => isError).length;
    const times: [string, number | null][] = ["in_progress_at", "finalizing_at", "completed_at", "failed_at", "expired_at", "cancelling_at", "cancelled_at"].map((name) => [name, this.#times[name] ?? null]);
    return {
      id, object: "batch", endpoint,
      errors: this.#faults.length === 0 ? null : { object: "list", data: this.#faults },
      input_file_id: input.id, completion_window: completionWindow, status: this.#status,
      output_file_id: this.#outputFileId, error_file_id: this.#errorFileId,
      created_at: seconds(startMs), expires_at: seconds(startMs + this.#windowMs), ...(Object.fromEntries(times) as Record<string, number | null>),
      request_counts: { total: this.#lines.length, completed: this.#results.length - failed, failed },
      metadata,
    };
  }

  #begin(nowMs: number): void {
    const isRefused = this.#faults.length > 0;
    this.#status = isRefused ? "failed" : "in_progress";
    this.#times[isRefused ? "failed_at" : "in_progress_at"] = seconds(nowMs);
  }

  #runUpTo(due: number, stamp: Stamp): void {
    for (const line of this.#lines.slice(this.#results.length, due)) {
      this.#results.push(runLine(this.#terms.run, line, stamp, `${this.id.slice("batch_".length)}_${this.#results.length + 1}`));
    }
  }

  #end(status: "completed" | "expired" | "cancelled", files: FileStore, nowMs: number): void {
    const unrun = status === "completed" ? [] : this.#lines.slice(this.#results.length).map((line, index) => this.#unrun(line, index, status));
    const write = (results: readonly object[], kind: string): string | null => {
      const content = Buffer.from(results.map((result) => `${JSON.stringify(result)}\n`).join(""));
      return results.length === 0 ? null : files.add({ filename: `${this.id}_${kind}.jsonl`, purpose: "batch_output", content, createdAt: seconds(nowMs) }).id;
    };
    this.#outputFileId = write(this.#results.filter(({ isError }) => !isError).map(({ json }) => json), "output");
    this.#errorFileId = write([...this.#results.filter(({ isError }) => isError).map(({ json }) => json), ...unrun], "error");
    this.#status = status;
    this.#times["finalizing_at"] = seconds(nowMs);
    this.#times[`${status}_at`] = seconds(nowMs);
  }

  #unrun({ customId }: BatchLine, index: number, status: string): object {
    const message = status === "expired" ? "This request could not be executed before the completion window expired." : "This request was cancelled.";
    return { id: `batch_req_${this.id}_x${index}`, custom_id: customId, response: null, error: { code: `batch_${status}`, message } };
  }
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
