import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerUrls } from "./index.ts";

/** Where servers that run on their own leave their addresses, readable by their owner only. */
export function urlsFile(home: string): string {
  return join(home, "servers", "urls.json");
}

/** The addresses that running servers left, or none of them where no servers run. */
export async function readUrls(home: string): Promise<Partial<ServerUrls>> {
  const text = await readFile(urlsFile(home), "utf8").catch(() => "{}");
  return JSON.parse(text) as Partial<ServerUrls>;
}
