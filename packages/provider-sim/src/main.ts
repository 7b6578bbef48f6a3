import { parseArgs } from "node:util";
import { simBaseUrls } from "./base-urls.ts";
import { parseBehaviour } from "./directives.ts";
import type { ProviderSimOptions } from "./options.ts";
import { createProviderSim } from "./server.ts";

const USAGE = `Usage: npm run provider-sim -- [flags]
  --host <address>       ALFRED_SIM_HOST                 address to listen on (127.0.0.1)
  --port <number>        ALFRED_SIM_PORT                 port to listen on (8090; 0 takes a free one)
  --keys <a,b>           ALFRED_SIM_KEYS                 accepted keys (any, or none at all)
  --models <a,b>         ALFRED_SIM_MODELS               models that exist (any)
  --rpm <number>         ALFRED_SIM_REQUESTS_PER_MINUTE  requests let in per minute (unlimited)
  --concurrency <number> ALFRED_SIM_MAX_CONCURRENT       requests answered at once (unlimited)
  --seed <number>        ALFRED_SIM_SEED                 seed of the error rate (1)
  --behaviour <list>     ALFRED_SIM_BEHAVIOUR            directives for every request, as "delay_ms=200 tokens=40"
  --help`;

const FLAGS = {
  host: "ALFRED_SIM_HOST",
  port: "ALFRED_SIM_PORT",
  keys: "ALFRED_SIM_KEYS",
  models: "ALFRED_SIM_MODELS",
  rpm: "ALFRED_SIM_REQUESTS_PER_MINUTE",
  concurrency: "ALFRED_SIM_MAX_CONCURRENT",
  seed: "ALFRED_SIM_SEED",
  behaviour: "ALFRED_SIM_BEHAVIOUR",
} as const;

type Flag = keyof typeof FLAGS;

/** A flag beats the environment; an empty value is no value. */
function readFlags(): (flag: Flag) => string | undefined {
  const options = Object.fromEntries([...Object.keys(FLAGS), "help"].map((name) => [name, { type: name === "help" ? "boolean" : "string" } as const]));
  const { values } = parseArgs({ options });
  if (values["help"] === true) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  return (flag) => String(values[flag] ?? process.env[FLAGS[flag]] ?? "").trim() || undefined;
}

function whole(flag: Flag, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Error(`--${flag} (${FLAGS[flag]}) takes a whole number, not '${text}'.`);
  return Number(text);
}

function list(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

function readOptions(flag: (name: Flag) => string | undefined): ProviderSimOptions {
  const keys = flag("keys");
  const models = flag("models");
  const requestsPerMinute = whole("rpm", flag("rpm"));
  const maxConcurrent = whole("concurrency", flag("concurrency"));
  const seed = whole("seed", flag("seed"));
  return {
    behaviour: parseBehaviour(flag("behaviour") ?? ""),
    ...(keys === undefined ? {} : { apiKeys: list(keys) }),
    ...(models === undefined ? {} : { models: list(models) }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** The base URL of each provider, one a line. */
function addresses(url: string): string {
  return Object.entries(simBaseUrls(url)).map(([id, base]) => `  ${id.padEnd(10)} ${base}`).join("\n");
}

async function run(): Promise<void> {
  const flag = readFlags();
  const sim = createProviderSim(readOptions(flag));
  const url = await sim.listen(flag("host"), whole("port", flag("port")) ?? 8090);
  process.stdout.write(`provider simulator: ${url} (/metrics, /requests, /healthz)\n${addresses(url)}\n`);
  const stop = () => void sim[Symbol.asyncDispose]().then(() => process.exit(0));
  process.once("SIGINT", stop).once("SIGTERM", stop);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
