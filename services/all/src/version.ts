import { readFileSync } from "node:fs";

/** The version of this Alfred, from its root manifest. */
export function alfredVersion(): string {
  const manifest = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
