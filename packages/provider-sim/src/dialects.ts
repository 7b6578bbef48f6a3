import type { DialectParts, SimDialect } from "./dialect.ts";
import { createAnthropicDialect } from "./dialects/anthropic/dialect.ts";
import { createAzureDialect } from "./dialects/azure/dialect.ts";
import { createCohereDialect } from "./dialects/cohere/dialect.ts";
import { createCompatibleDialect } from "./dialects/compatible/dialect.ts";
import { COMPATIBLE_ROWS } from "./dialects/compatible/rows.ts";
import { createGeminiDialect } from "./dialects/gemini/dialect.ts";
import { createOpenAiDialect } from "./dialects/openai/dialect.ts";

/** Finds the dialect that a path belongs to. */
export type DialectFinder = (path: string) => SimDialect;

/** Every dialect that the simulator speaks. OpenAI's answers whatever belongs to no other. */
export function createDialects(parts: DialectParts): DialectFinder {
  const openAi = createOpenAiDialect(parts);
  const mounted: readonly SimDialect[] = [
    createAnthropicDialect(parts),
    createAzureDialect(parts),
    createCohereDialect(parts),
    createGeminiDialect(parts),
    ...COMPATIBLE_ROWS.map((row) => createCompatibleDialect(row, parts)),
  ];
  const byMount = new Map(mounted.map((dialect) => [dialect.mount, dialect]));
  // Load tests ask for OpenAI: its paths are not looked up.
  return (path) => (path.startsWith("/v1/") ? openAi : (byMount.get(firstSegment(path)) ?? openAi));
}

function firstSegment(path: string): string {
  const end = path.indexOf("/", 1);
  return end < 0 ? path : path.slice(0, end);
}
