import { deepseek } from "./deepseek.ts";
import { groq } from "./groq.ts";
import { lambda } from "./lambda.ts";
import { mistral } from "./mistral.ts";
import { ollama } from "./ollama.ts";
import { perplexity } from "./perplexity.ts";
import type { CompatibleRow } from "./row.ts";
import { together } from "./together.ts";

/** The providers whose APIs are like OpenAI's. */
export const COMPATIBLE_ROWS: readonly CompatibleRow[] = [mistral, deepseek, groq, together, perplexity, lambda, ollama];
