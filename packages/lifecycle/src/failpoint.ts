/** Where a crash is worth trying: each stands between two effects that must survive one another. */
export const FAILPOINTS = [
  /** Gateway: the intent is with the operating system, the provider is not called yet. */
  "journal-written",
  /** Gateway: the provider has answered, the actual is not written yet. */
  "provider-answered",
  /** Gateway: the start is announced to the wallet, its answer is not here yet. */
  "hello-sent",
  /** Gateway: the new journal file is whole, the old one is not gone yet. */
  "journal-rotated",
  /** Wallet: all is written, nothing committed. */
  "wallet-before-commit",
  /** Wallet: committed, nobody told. */
  "wallet-committed",
  /** Metering: committed, nobody told. */
  "metering-committed",
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

/** Called where a process may be made to end. */
export type FailpointHook = (name: Failpoint) => void;

type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE = "ALFRED_FAILPOINTS";

/**
 * Ends the process, as `kill -9` does, at a named point of its work: `ALFRED_FAILPOINTS=journal-written:3` at the third
 * pass of that point, several apart by commas. For crash tests; without the variable it does nothing, and in production
 * the variable is refused by `refuseFailpoints`, which every process calls as it starts.
 */
export const failpoint: FailpointHook = createFailpoints(process.env, endAtOnce);

/** The hook that an environment asks for; what cannot be read arms nothing. */
export function createFailpoints(env: Environment, end: () => void): FailpointHook {
  const armed = isProduction(env) ? new Map<string, number>() : (read(env) ?? new Map<string, number>());
  if (armed.size === 0) return () => undefined;
  return (name) => {
    const left = armed.get(name);
    if (left === undefined) return;
    armed.set(name, left - 1);
    if (left === 1) end();
  };
}

/** @throws Error where failpoints are set in production, or cannot be read */
export function refuseFailpoints(env: Environment): void {
  const value = env[VARIABLE] ?? "";
  if (value === "") return;
  if (isProduction(env)) throw new Error(`${VARIABLE} ends the process on purpose, which production refuses; unset it.`);
  if (read(env) === undefined) {
    throw new Error(`${VARIABLE} is "${value}"; it takes name:pass, apart by commas, of ${FAILPOINTS.join(", ")}.`);
  }
}

/** Passes left by name, undefined where the variable is malformed. */
function read(env: Environment): Map<string, number> | undefined {
  const items = (env[VARIABLE] ?? "").split(",").filter((item) => item !== "");
  const pairs = items.map((item) => /^([a-z-]+):([1-9]\d{0,8})$/.exec(item));
  if (!pairs.every((pair) => (FAILPOINTS as readonly string[]).includes(pair?.[1] ?? ""))) return undefined;
  return new Map(pairs.map((pair) => [pair?.[1] ?? "", Number(pair?.[2])]));
}

function isProduction(env: Environment): boolean {
  return env["ALFRED_ENV"] === "production";
}

function endAtOnce(): void {
  process.kill(process.pid, "SIGKILL");
  // Nothing may happen between the signal and the end.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
