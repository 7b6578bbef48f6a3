import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { access, constants, mkdir, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** SQLite's own numbers for "another process holds it" and "this is not one of my files". */
const sqliteBusy = 5;
const sqliteNotADatabase = 26;

/** A folder that this process alone has, until it is disposed or the process ends, however it ends. */
export interface FolderLock extends Disposable {
  /** Absolute path. */
  readonly folder: string;
}

/** A folder that cannot be had. */
export class FolderLockError extends Error {
  override readonly name = "FolderLockError";
  /** Absolute path. */
  readonly folder: string;
  /** Who has it, as "process 4711 on host-a"; undefined when the trouble is another. */
  readonly holder: string | undefined;
  /** What is wrong, in a few words. */
  readonly reason: string;

  constructor(folder: string, reason: string, options: { readonly holder?: string; readonly cause?: unknown } = {}) {
    super(`The folder ${folder} cannot be used (${reason}).`, { cause: options.cause });
    this.folder = folder;
    this.reason = reason;
    this.holder = options.holder;
  }
}

/**
 * Makes a folder where it is missing and takes it for this process, with a lock file of this name inside. Rejects with a
 * `FolderLockError` when it cannot be used or another has it. The lock is the system's own, so it must be a file system
 * that knows locks, and the lock file must stay where it is.
 */
export async function lockFolder(path: string, lockFile: string): Promise<FolderLock> {
  const folder = resolve(path);
  await makeUsable(folder);
  const file = join(folder, lockFile);
  const lock = takeLock(folder, file);
  nameHolder(file);
  return {
    folder,
    [Symbol.dispose]: () => {
      forgetHolder(file);
      lock.close();
    },
  };
}

async function makeUsable(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const isFolder = await stat(folder).then((found) => found.isDirectory(), () => true);
    throw new FolderLockError(folder, isFolder ? errorCode(error) : "it is not a folder", { cause: error });
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
function takeLock(folder: string, file: string): DatabaseSync {
  try {
    const lock = new DatabaseSync(file, { timeout: 0 });
    lock.exec("pragma journal_mode = memory; begin exclusive");
    return lock;
  } catch (cause) {
    const code = sqliteCode(cause);
    if (code === sqliteBusy) throw new FolderLockError(folder, "another process has it", { cause, holder: holderOf(file) });
    const isDamaged = code === sqliteNotADatabase;
    throw new FolderLockError(folder, isDamaged ? `${file} is damaged; remove that file` : errorCode(cause), { cause });
  }
}

/** Beside the lock and not in it, since to open and close a locked file would free the lock of this very process. */
function holderFile(file: string): string {
  return `${file}.holder`;
}

/** Who has the lock is told for people; whether somebody has it, the lock alone decides. */
function nameHolder(file: string): void {
  try {
    writeFileSync(holderFile(file), `process ${process.pid} on ${hostname()}\n`);
  } catch {
    forgetHolder(file);
  }
}

function forgetHolder(file: string): void {
  try {
    rmSync(holderFile(file), { force: true });
  } catch {
    // A name that stays behind says nothing while nobody has the lock.
  }
}

function holderOf(file: string): string {
  try {
    return readFileSync(holderFile(file), "utf8").trim() || "another process";
  } catch {
    return "another process";
  }
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) : undefined;
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && error.code !== "ERR_SQLITE_ERROR" ? String(error.code) : error.message;
}
