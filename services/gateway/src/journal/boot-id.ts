import { readFile } from "node:fs/promises";

/** Where Linux says which start of the machine this is. */
const bootIdFile = "/proc/sys/kernel/random/boot_id";

/** A text that changes with each start of the machine; undefined where the system does not tell. */
export async function readBootId(file = bootIdFile): Promise<string | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim() === "" ? undefined : text.trim();
}
