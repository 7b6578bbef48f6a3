import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "./sync-folder.ts";

/** The file whose presence says that a journal is not to be trusted. */
const markName = "journal.lost";

export async function isMarkedLost(folder: string): Promise<boolean> {
  return stat(join(folder, markName)).then(() => true, isMissing);
}

/** Puts the mark on the disk. */
export async function setLostMark(folder: string): Promise<void> {
  await using mark = await open(join(folder, markName), "w");
  await mark.writeFile("Entries of this journal may be missing. The gateway takes this file away once the wallet knows.\n");
  await mark.sync();
  await syncFolder(folder);
}

export async function removeLostMark(folder: string): Promise<void> {
  await rm(join(folder, markName), { force: true });
  await syncFolder(folder);
}

function isMissing(error: NodeJS.ErrnoException): false {
  if (error.code === "ENOENT") return false;
  throw error;
}
