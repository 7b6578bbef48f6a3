import { type FolderLock, FolderLockError, lockFolder } from "@alfred/lifecycle";
import { StartError } from "./start-error.ts";

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
  const lock = await takeFolder(path);
  return {
    folder: lock.folder,
    [Symbol.asyncDispose]: () => {
      lock[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

async function takeFolder(path: string): Promise<FolderLock> {
  try {
    return await lockFolder(path, "alfred.lock");
  } catch (error) {
    if (!(error instanceof FolderLockError)) throw error;
    throw new StartError(error.holder === undefined ? unusable(error) : inUse(error), { cause: error });
  }
}

function inUse({ folder }: FolderLockError): string {
  return `Another Alfred uses the data folder ${folder}; stop it, or set ALFRED_HOME to a folder of its own.`;
}

function unusable({ folder, reason }: FolderLockError): string {
  return `The data folder ${folder} cannot be used (${reason}); set ALFRED_HOME to a folder that can be written.`;
}
