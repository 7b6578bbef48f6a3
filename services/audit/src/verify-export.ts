/**
 * Verifies a chain from files, with no server: `node services/audit/src/verify-export.ts [--checkpoints <file>]
 * <page.json>...`, where the pages are answers of ListEvents in order. Exits with 1 where the chain is not whole.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseArgs } from "node:util";

import { verifyLinks } from "./domain/chain.ts";
import type { Link } from "./domain/chain.ts";
import { ExportError, readCheckpoints, readPage } from "./domain/export.ts";

const { values, positionals } = parseArgs({ options: { checkpoints: { type: "string" } }, allowPositionals: true });

try {
  const links: Link[] = [];
  for (const file of positionals) links.push(...readPage(await readFile(file, "utf8")));
  const file = values.checkpoints;
  const checkpoints = file === undefined ? [] : readCheckpoints(await readFile(file, "utf8"), basename(file, ".jsonl"));
  const { verified, headHash, fault, checkpoints: met } = verifyLinks(links, checkpoints);
  const found = fault === undefined ? "whole" : `${fault.kind} at ${fault.sequence}`;
  process.stdout.write(
    `${found}: ${verified} links verified against ${met} checkpoints, head ${Buffer.from(headHash).toString("hex")}\n`,
  );
  process.exitCode = fault === undefined ? 0 : 1;
} catch (error) {
  if (!(error instanceof ExportError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
