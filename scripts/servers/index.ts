// Real Postgres, Redis and NATS for tests and for `npm run mesh`: found on the machine, or installed, or refused.
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { StartError } from "../../services/all/src/start-error.ts";
import { findServer } from "./binaries.ts";
import type { ServerName } from "./binaries.ts";
import { installServers } from "./debian-packages.ts";
import { startNats } from "./nats.ts";
import type { RunningServer, ServerPlace } from "../../services/all/src/servers/place.ts";
import { startPostgres } from "../../services/all/src/servers/postgres.ts";
import { startRedis } from "./redis.ts";

/** What to start, and where its data goes. */
export interface ServersOptions {
  /** Keeps data and logs across runs; without it both go to a temporary folder that disposing removes. */
  readonly dataFolder?: string;
  /** Servers that run already: what has a URL here is not started. */
  readonly given?: Partial<ServerUrls>;
  /** Told what is being done while one waits. */
  readonly say?: (line: string) => void;
}

/** Where the three servers answer. */
export interface ServerUrls {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly natsUrl: string;
}

/** The running servers; disposing stops those that were started here. */
export interface Servers extends ServerUrls, AsyncDisposable {
  /** Which of them were started here and when each of those ended. */
  readonly started: ReadonlyMap<ServerName, Promise<void>>;
}

const starters = { postgres: startPostgres, redis: startRedis, nats: startNats } as const;

/**
 * Starts the servers that have no URL yet, each on a free port of 127.0.0.1, and waits until all of them answer.
 * They die with this process, however it ends. Throws a `StartError` that says what is missing and what to do.
 */
export async function startServers(options: ServersOptions = {}): Promise<Servers> {
  const { given = {}, say = () => undefined } = options;
  const urls = { postgres: given.databaseUrl, redis: given.redisUrl, nats: given.natsUrl };
  const wanted = (["postgres", "redis", "nats"] as const).filter((name) => !urls[name]);
  const programs = await locate(wanted, say);
  await using cleanup = new AsyncDisposableStack();
  const folder = wanted.length > 0 ? await prepareFolder(options.dataFolder, cleanup) : "";
  const running = new Map<ServerName, RunningServer>();
  const lasting = options.dataFolder !== undefined;
  const starts = [...programs].map(async ([name, program]) => {
    running.set(name, cleanup.use(await started(name, { program, folder, lasting })));
  });
  await Promise.allSettled(starts);
  await Promise.all(starts);
  const url = (name: ServerName): string => urls[name] ?? running.get(name)?.url ?? "";
  const stop = cleanup.move();
  return {
    databaseUrl: url("postgres"),
    redisUrl: url("redis"),
    natsUrl: url("nats"),
    started: new Map([...running].map(([name, { server }]) => [name, server.ended])),
    [Symbol.asyncDispose]: () => stop.disposeAsync(),
  };
}

async function started(name: ServerName, place: ServerPlace): Promise<RunningServer & AsyncDisposable> {
  const running = await starters[name](place);
  return { ...running, [Symbol.asyncDispose]: () => running.server[Symbol.asyncDispose]() };
}

async function locate(wanted: readonly ServerName[], say: (line: string) => void): Promise<Map<ServerName, string>> {
  const found = await find(wanted);
  const missing = wanted.filter((name) => !found.has(name));
  if (missing.length === 0) return found;
  await installServers(missing, say);
  const complete = await find(wanted);
  const absent = wanted.filter((name) => !complete.has(name));
  if (absent.length > 0) throw new StartError(`apt-get installed no program for ${absent.join(", ")}`);
  return complete;
}

async function find(wanted: readonly ServerName[]): Promise<Map<ServerName, string>> {
  const pairs = await Promise.all(wanted.map(async (name) => [name, await findServer(name)] as const));
  return new Map(pairs.flatMap(([name, program]) => (program === undefined ? [] : [[name, program] as const])));
}

async function prepareFolder(dataFolder: string | undefined, cleanup: AsyncDisposableStack): Promise<string> {
  if (dataFolder !== undefined) {
    await mkdir(dataFolder, { recursive: true });
    return resolve(dataFolder);
  }
  const folder = await mkdtemp(join(tmpdir(), "alfred-servers-"));
  // The account that Postgres runs under, where we are root, has to pass through.
  await chmod(folder, 0o711);
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
