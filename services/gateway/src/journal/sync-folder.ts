import { open } from "node:fs/promises";

/** Puts on the disk which files a folder has; a file that is synced itself may still miss from it without. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  await handle.sync();
}
