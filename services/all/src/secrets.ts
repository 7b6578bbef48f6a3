import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { StartError } from "./start-error.ts";

/** What the services of one installation share, by the names of their environment variables. */
export interface Secrets {
  /** Known to the services alone; how they recognise each other. */
  readonly ALFRED_SERVICE_TOKEN: string;
  /** 32 bytes in base64; encrypts what the directory stores of providers' keys. */
  readonly ALFRED_MASTER_KEY: string;
  /** The administrator's key. */
  readonly ALFRED_ROOT_KEY: string;
  /** The key of the demo organisation. */
  readonly ALFRED_DEMO_KEY: string;
}

const makers: { readonly [Name in keyof Secrets]: () => string } = {
  ALFRED_SERVICE_TOKEN: () => `sk-alfred-service-${randomBytes(32).toString("base64url")}`,
  ALFRED_MASTER_KEY: () => randomBytes(32).toString("base64"),
  ALFRED_ROOT_KEY: () => `sk-alfred-root-${randomBytes(32).toString("base64url")}`,
  ALFRED_DEMO_KEY: () => `sk-alfred-demo-${randomBytes(32).toString("base64url")}`,
};

const fileName = "secrets.json";
const shortestLength = 32;

/** Where the secrets that nobody gave are kept, readable by their owner only. */
export function secretsFile(home: string): string {
  return join(home, fileName);
}

/**
 * The secrets of an installation: those that the environment gives, and for the others those that were made at the
 * first start and kept in the data folder. What the environment gives is never written down.
 */
export async function loadSecrets(home: string, env: NodeJS.ProcessEnv): Promise<Secrets> {
  const kept = await readKept(secretsFile(home));
  const missing = names.filter((name) => !env[name] && kept[name] === undefined);
  for (const name of missing) kept[name] = makers[name]();
  if (missing.length > 0) await keep(home, kept);
  const secret = (name: keyof Secrets): string => checked(name, env[name] || kept[name] || "");
  return {
    ALFRED_SERVICE_TOKEN: secret("ALFRED_SERVICE_TOKEN"),
    ALFRED_MASTER_KEY: secret("ALFRED_MASTER_KEY"),
    ALFRED_ROOT_KEY: secret("ALFRED_ROOT_KEY"),
    ALFRED_DEMO_KEY: secret("ALFRED_DEMO_KEY"),
  };
}

const names = ["ALFRED_SERVICE_TOKEN", "ALFRED_MASTER_KEY", "ALFRED_ROOT_KEY", "ALFRED_DEMO_KEY"] as const;

function checked(name: keyof Secrets, value: string): string {
  if (value.length >= shortestLength) return value;
  throw new StartError(`${name} has ${value.length} characters; it must have at least ${shortestLength}.`);
}

async function readKept(file: string): Promise<Partial<Record<keyof Secrets, string>>> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "{}";
    throw new StartError(`${file} cannot be read: ${String(error)}.`, { cause: error });
  });
  try {
    return JSON.parse(text) as Partial<Record<keyof Secrets, string>>;
  } catch (error) {
    // New secrets would make everything that the old master key encrypted unreadable, so none are made here.
    throw new StartError(`${file} is damaged; restore it from a copy, or remove it to have new keys made.`, {
      cause: error,
    });
  }
}

/** Written beside and renamed, so that a crash leaves either the old file or the new one. */
async function keep(home: string, secrets: Partial<Secrets>): Promise<void> {
  await mkdir(home, { recursive: true });
  const draft = `${secretsFile(home)}.${process.pid}`;
  await using file = await open(draft, "w", 0o600);
  await file.writeFile(`${JSON.stringify(secrets, undefined, 2)}\n`);
  await file.sync();
  await rename(draft, secretsFile(home));
}
