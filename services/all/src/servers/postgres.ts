import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Client } from "pg";
import { StartError } from "../start-error.ts";
import { giveTo, unprivilegedAccount } from "./account.ts";
import { freePort } from "./free-port.ts";
import type { ServerAccount } from "./keeper-order.ts";
import type { RunningServer, ServerPlace } from "./place.ts";
import { asAccount, reachableProgram } from "./privileges.ts";
import { ServerProcess } from "./server-process.ts";

const owner = "alfred";
const oldestMajor = 15;

/** Starts Postgres on its folder, made first where it is not there; the database `alfred` exists when this resolves. */
export async function startPostgres({ program: installed, ...rest }: ServerPlace): Promise<RunningServer> {
  await refuseOldVersion(installed);
  const account = await unprivilegedAccount();
  const { program, copy } = await reachableProgram(account, installed);
  const place = { ...rest, program };
  const folder = join(place.folder, "postgres");
  const password = await preparedCluster(place, folder, account);
  const port = rest.port ?? (await freePort());
  const address = `postgres://${owner}:${password}@127.0.0.1:${port}`;
  const command = await asAccount(account, folder, [place.program, ...serverArguments(place, folder, port)]);
  const server = await ServerProcess.start({
    ...command,
    name: "Postgres",
    cwd: "/",
    stopSignal: "SIGINT",
    removeAfter: copy,
    logFile: join(place.folder, "postgres.log"),
    probe: () => ensureDatabase(`${address}/postgres`),
  });
  return { url: `${address}/${owner}`, server };
}

function serverArguments(place: ServerPlace, folder: string, port: number): string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    // Six services, each with a pool of its own, and the tests of several packages beside them.
    max_connections: "300",
    ...(place.lasting ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const pairs = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", join(folder, "data"), "-p", String(port), ...pairs];
}

/** Makes the cluster if need be and returns its owner's password, which is kept beside it. */
async function preparedCluster(place: ServerPlace, folder: string, account: ServerAccount | undefined): Promise<string> {
  const passwordFile = join(folder, "password");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await giveTo(account, folder);
  const made = await access(join(folder, "data", "PG_VERSION")).then(() => true, () => false);
  if (made) return await readFile(passwordFile, "utf8");
  const password = randomBytes(24).toString("hex");
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveTo(account, passwordFile);
  await initialise(place, folder, account, passwordFile);
  return password;
}

async function initialise(
  place: ServerPlace,
  folder: string,
  account: ServerAccount | undefined,
  passwordFile: string,
): Promise<void> {
  const unfinished = join(folder, "unfinished");
  await rm(unfinished, { recursive: true, force: true });
  const options = ["-D", unfinished, "-U", owner, "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8"];
  const quick = place.lasting ? [] : ["--no-sync"];
  const { file, args, account: runAs } = await asAccount(account, folder, [
    join(dirname(place.program), "initdb"),
    ...options,
    "--locale=C",
    ...quick,
  ]);
  await run(file, args, runAs).catch((error: unknown) => {
    throw new StartError(`Postgres could not make its data folder ${folder}: ${lastLine(error)}`, { cause: error });
  });
  // An interrupted initdb must not be taken for a cluster by the next start.
  await rename(unfinished, join(folder, "data"));
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [owner]);
    if (rowCount === 0) await client.query(`create database ${owner}`);
  } finally {
    await client.end();
  }
}

async function refuseOldVersion(program: string): Promise<void> {
  const output = await run(program, ["--version"]).catch((error: unknown) => {
    // The loader says which library is missing: "…: error while loading shared libraries: libicuuc.so.60: …".
    const why = lastLine(error).replace(`${program}: `, "");
    throw new StartError(`Postgres cannot run here (${why}); install what it misses, or set DATABASE_URL to a server of your own.`, {
      cause: error,
    });
  });
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(output)?.[1] ?? Number.NaN);
  if (major >= oldestMajor) return;
  throw new StartError(`${program} is ${output.trim()}; install Postgres ${oldestMajor} or newer, or set DATABASE_URL`);
}

/** What a program that ends by itself said on its standard output. */
function run(file: string, args: readonly string[], account: Partial<ServerAccount> = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile(file, [...args], { cwd: "/", ...account }, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  return promise;
}

function lastLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).trim().split("\n").at(-1) ?? "";
}
