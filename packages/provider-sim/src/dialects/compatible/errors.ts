import type { ErrorReply, Stamp } from "../../dialect.ts";
import type { SimError } from "../../sim-error.ts";
import type { CompatibleRow, ErrorWords } from "./row.ts";

const LAST_RESORT: ErrorWords = { message: "Failed on demand.", type: "server_error", code: null };

/** The kinds of which the simulator knows better what to say than a table does. */
const TELLING = new Set(["request", "model", "method", "rate", "simulator"]);

/** An error in the provider's form. */
export function writeError({ errors }: CompatibleRow, error: SimError, stamp: Stamp): ErrorReply {
  const headers: Record<string, string> = error.retryAfterS === undefined ? {} : { "Retry-After": String(error.retryAfterS) };
  return { json: JSON.stringify(errors.form(wordsFor(errors.words, error), error, stamp)), headers };
}

/** An error in the midst of a stream. */
export function errorFrame(row: CompatibleRow, error: SimError, stamp: Stamp): string {
  const { words, frame } = row.errors;
  return frame === undefined ? writeError(row, error, stamp).json : JSON.stringify(frame(wordsFor(words, error), stamp));
}

function wordsFor(words: CompatibleRow["errors"]["words"], { status, kind, message, code }: SimError): ErrorWords {
  const usual = words[code ?? ""] ?? words[kind] ?? words[status] ?? words[status >= 500 ? 500 : 400] ?? LAST_RESORT;
  const isOwn = kind === "demanded" || kind === "simulator" || code === "invalid_directive";
  return {
    type: usual.type,
    message: TELLING.has(kind) && message !== "" ? message : usual.message,
    code: isOwn ? (code ?? usual.code) : usual.code,
  };
}
