import { pino, stdTimeFunctions } from "pino";
import type { Logger as PinoLogger } from "pino";
import { prettyLine } from "./pretty-line.ts";
import { redactLine } from "./redact.ts";

/** A structured logger: `log.info({ request_id }, "what happened")`. */
export type Logger = PinoLogger;

/** The levels, loudest last; `silent` writes nothing. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where finished lines go, each ending in a newline. */
export interface LogDestination {
  write(line: string): void;
  /** Writes out what is buffered, before the process ends. */
  flushSync?(): void;
}

export interface LoggerOptions {
  /** Who speaks: the service's name. */
  readonly name: string;
  /** The quietest level that is written; `info` unless stated. */
  readonly level?: LogLevel;
  /** Text for people instead of JSON for programs. */
  readonly pretty?: boolean;
  /** Standard error, buffered, unless stated. */
  readonly destination?: LogDestination;
}

const standardError = 2;
const bufferBytes = 8 * 1024;
/** How long a line may wait in the buffer while nothing else is logged. */
const flushEveryMs = 200;

/**
 * A logger that takes secrets out of every line. Standard output stays free for what a command prints; lines are
 * buffered (a sixth of the cost of writing each) and written out on exit, and at once when fatal.
 */
export function createLogger({ name, level = "info", pretty = false, destination }: LoggerOptions): Logger {
  const colour = pretty && destination === undefined && process.stderr.isTTY;
  const write = pretty ? (line: string) => prettyLine(redactLine(line), colour) : redactLine;
  const options = {
    level,
    base: { name },
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: plainError },
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: write },
  };
  return pino(options, destination ?? bufferedStandardError(pretty));
}

/** Most causes of an error that are written. */
const mostCauses = 4;

/** What helps to find an error; drivers hang whole connections on theirs. */
function plainError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const code = "code" in error ? error.code : undefined;
  const causes = cause === undefined || depth >= mostCauses ? {} : { cause: plainError(cause, depth + 1) };
  return { type: name, message, code, stack, ...causes };
}

function bufferedStandardError(pretty: boolean): LogDestination {
  // A person reads line by line; a program does not mind a block.
  const buffer = pretty ? {} : { minLength: bufferBytes, periodicFlush: flushEveryMs };
  const stream = pino.destination({ dest: standardError, sync: true, ...buffer });
  process.once("exit", () => stream.flushSync());
  return stream;
}
