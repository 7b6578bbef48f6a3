import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { generatedFolder, indexFile } from "./generated.ts";

/** The generated files that two roots do not share byte for byte, sorted, relative to the root. */
export async function generatedDifference(committed: string, fresh: string): Promise<readonly string[]> {
  const [before, after] = await Promise.all([readGenerated(committed), readGenerated(fresh)]);
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).toSorted();
}

async function readGenerated(root: string): Promise<Map<string, string>> {
  const entries = await readdir(join(root, generatedFolder), { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = new Map<string, string>();
  for (const file of [...files, join(root, indexFile)]) {
    contents.set(file.slice(root.length + 1), await readFile(file, "base64").catch(() => "absent"));
  }
  return contents;
}
