import { createLogger, LOG_LEVELS, startTracing } from "@alfred/telemetry";
import type { Logger, LogLevel } from "@alfred/telemetry";
import { refuseFailpoints } from "./failpoint.ts";
import { sentence } from "./sentence.ts";

/** What a process gets to start with. */
export interface ProcessContext {
  readonly log: Logger;
  /** Aborted at the first signal, so that a start that waits can give up. */
  readonly signal: AbortSignal;
}

/** The part of `process` that is used; tests give another. */
export interface ProcessHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: { write(text: string): unknown };
  on(event: string, listener: (value: unknown) => void): unknown;
  removeListener(event: string, listener: (value: unknown) => void): unknown;
  exit(code: number): void;
}

export interface RunOptions {
  readonly host?: ProcessHost;
  readonly log?: Logger;
  /** How long a graceful stop may take in all, in milliseconds; 30 s unless stated. */
  readonly stopTimeoutMs?: number;
}

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type Signal = keyof typeof signalNumbers;
const signals = Object.keys(signalNumbers) as Signal[];

/**
 * Runs a service as a process: starts it, waits for SIGINT, SIGTERM or SIGHUP, stops it and exits with 0. A second
 * signal ends the process at once (128 + its number), as does a stop that takes too long (1). A start that fails is
 * told in one sentence on standard error and exits with 1; an error that nobody caught is logged and exits with 1.
 *
 *     await runProcess("wallet", ({ log }) => startWallet(readConfig(process.env), log));
 *
 * Traces are sent where `OTEL_EXPORTER_OTLP_ENDPOINT` says. The log's level comes from `ALFRED_LOG_LEVEL` and `ALFRED_LOG_PRETTY=true` makes it text. Resolves when the process
 * has been told to exit.
 */
export async function runProcess(
  name: string,
  start: (context: ProcessContext) => Promise<AsyncDisposable>,
  options: RunOptions = {},
): Promise<void> {
  const { host = process, stopTimeoutMs = 30_000 } = options;
  const log = options.log ?? loggerFor(name, host);
  await using watch = watchProcess(name, host, log);
  const service = await started(name, start, { log, signal: watch.signal }, host);
  if (service === undefined) return;
  await watch.stopped;
  host.exit(await stopService(name, service, log, stopTimeoutMs));
}

function loggerFor(name: string, host: ProcessHost): Logger {
  const wanted = host.env["ALFRED_LOG_LEVEL"] ?? "";
  const level = (LOG_LEVELS as readonly string[]).includes(wanted) ? (wanted as LogLevel) : "info";
  return createLogger({ name, level, pretty: host.env["ALFRED_LOG_PRETTY"] === "true" });
}

function requireLogLevel(wanted: string): void {
  if (wanted === "" || (LOG_LEVELS as readonly string[]).includes(wanted)) return;
  throw new Error(`ALFRED_LOG_LEVEL is ${JSON.stringify(wanted)}; expected one of ${LOG_LEVELS.join(", ")}.`);
}

async function started(
  name: string,
  start: (context: ProcessContext) => Promise<AsyncDisposable>,
  context: ProcessContext,
  host: ProcessHost,
): Promise<AsyncDisposable | undefined> {
  try {
    const running = new AsyncDisposableStack();
    requireLogLevel(host.env["ALFRED_LOG_LEVEL"] ?? "");
    refuseFailpoints(host.env);
    running.use(await startTracing({ serviceName: name, env: host.env }));
    running.use(await start(context));
    context.log.info(`${name} is running`);
    return running;
  } catch (error) {
    if (context.signal.aborted) {
      host.exit(0);
      return undefined;
    }
    context.log.debug({ err: error }, `${name} could not start`);
    host.stderr.write(`${name} could not start: ${sentence(error)}\n`);
    host.exit(1);
    return undefined;
  }
}

async function stopService(name: string, service: AsyncDisposable, log: Logger, timeoutMs: number): Promise<number> {
  const timeout = Promise.withResolvers<"late">();
  const timer = setTimeout(() => timeout.resolve("late"), timeoutMs);
  try {
    const outcome = await Promise.race([service[Symbol.asyncDispose](), timeout.promise]);
    if (outcome !== "late") {
      log.info(`${name} has stopped`);
      return 0;
    }
    log.fatal({ timeout_ms: timeoutMs }, `${name} did not stop in time`);
    return 1;
  } catch (error) {
    log.fatal({ err: error }, `${name} failed to stop`);
    return 1;
  } finally {
    clearTimeout(timer);
  }
}

interface ProcessWatch extends AsyncDisposable {
  readonly signal: AbortSignal;
  /** Resolves at the first signal. */
  readonly stopped: Promise<void>;
}

function watchProcess(name: string, host: ProcessHost, log: Logger): ProcessWatch {
  const first = new AbortController();
  const stopped = Promise.withResolvers<void>();
  const onSignal = (signal: unknown): void => {
    if (first.signal.aborted) {
      log.fatal({ signal }, `${name} is forced to end`);
      host.exit(128 + signalNumbers[signal as Signal]);
      return;
    }
    log.info({ signal }, `${name} is stopping; a second signal ends it at once`);
    first.abort();
    stopped.resolve();
  };
  const onError = (error: unknown): void => {
    // Nothing is known of the state any more, so nothing is tried.
    log.fatal({ err: error }, `${name} ends: an error was not caught`);
    host.exit(1);
  };
  for (const signal of signals) host.on(signal, onSignal);
  for (const event of ["uncaughtException", "unhandledRejection"]) host.on(event, onError);
  const unwatch = (): void => {
    for (const signal of signals) host.removeListener(signal, onSignal);
    for (const event of ["uncaughtException", "unhandledRejection"]) host.removeListener(event, onError);
  };
  return { signal: first.signal, stopped: stopped.promise, [Symbol.asyncDispose]: () => Promise.resolve(unwatch()) };
}
