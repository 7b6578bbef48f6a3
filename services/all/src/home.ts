import { access, constants, mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "./start-error.ts";

/** SQLite's own numbers for "another process holds it" and "this is not one of my files". */
const sqliteBusy = 5;
const sqliteNotADatabase = 26;

/** The data folder, held by this process alone until it is disposed or the process ends. */
export interface Home extends AsyncDisposable {
  /** Absolute path. */
  readonly folder: string;
}

/**
 * Makes the data folder where it is missing and takes it for this process. A folder that cannot be used, or that
 * another instance holds, is a `StartError`.
 */
export async function openHome(path: string): Promise<Home> {
  const folder = resolve(path);
  await makeUsable(folder);
  const lock = takeLock(folder);
  return {
    folder,
    [Symbol.asyncDispose]: () => {
      lock.close();
      return Promise.resolve();
    },
  };
}

async function makeUsable(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const isFolder = await stat(folder).then((found) => found.isDirectory(), () => true);
    const reason = isFolder ? errorCode(error) : "it is not a folder";
    throw unusable(folder, reason, error);
  }
}

/**
 * Makes a folder and those above it. Not `mkdir`'s own `recursive`, which never ends where the system says of a folder
 * that is there that it is not, as below /proc.
 */
async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  const isThere = await stat(folder).then((found) => found.isDirectory(), () => false);
  if (isThere) return;
  if (parent !== folder) await makeFolder(parent);
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST" || parent === folder) throw error;
    return access(join(folder, "."));
  });
}

/** The system frees the lock of a dead process by itself, so none is ever stale; SQLite is how Node reaches such locks. */
function takeLock(folder: string): DatabaseSync {
  const file = join(folder, "alfred.lock");
  try {
    const lock = new DatabaseSync(file, { timeout: 0 });
    lock.exec("pragma journal_mode = memory; begin exclusive");
    return lock;
  } catch (error) {
    const code = sqliteCode(error);
    if (code === sqliteBusy) {
      throw new StartError(
        `Another Alfred uses the data folder ${folder}; stop it, or set ALFRED_HOME to a folder of its own.`,
        { cause: error },
      );
    }
    if (code === sqliteNotADatabase) throw unusable(folder, `${file} is damaged; remove that file`, error);
    throw unusable(folder, errorCode(error), error);
  }
}

function unusable(folder: string, reason: string, cause: unknown): StartError {
  const advice = "set ALFRED_HOME to a folder that can be written";
  return new StartError(`The data folder ${folder} cannot be used (${reason}); ${advice}.`, { cause });
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) : undefined;
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && error.code !== "ERR_SQLITE_ERROR" ? String(error.code) : error.message;
}
