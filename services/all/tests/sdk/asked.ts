import { countSimTokens } from "@alfred/provider-sim";
import { z } from "zod";
import type { Mesh } from "../mesh.ts";
import type { Provider } from "./providers.ts";
import type { Records } from "./records.ts";

/** What every client's specification is run against. */
export interface Running {
  readonly mesh: Mesh;
  readonly records: Records;
}

/** The tool that every client offers. */
export const WEATHER = {
  name: "get_weather",
  description: "Tells the weather of a city.",
  input: z.object({ city: z.string(), days: z.number().int() }),
} as const;

/** The form in which every client asks for an answer. */
export const REPORT = z.object({ city: z.string(), celsius: z.number(), winds: z.array(z.string()), dry: z.boolean() });

/** What the simulator calls the tool for: it is named in the prompt. */
export const TOOL_PROMPT = "Use get_weather for Zürich.";

/** What the simulator begins to answer, and breaks off. */
export const BROKEN_PROMPT = "Count. [[sim: tokens=20 cut_after=8]]";

/** What the simulator says to a prompt. */
export function echo(prompt: string): string {
  return `You said: ${prompt}`;
}

/** What the simulator counts for a prompt that stands alone, and for its own answer, as the provider. */
export function simUsage(prompt: string, { thoughts }: Provider): { input: number; output: number } {
  return { input: 3 + countSimTokens(prompt), output: countSimTokens(echo(prompt)) + thoughts };
}

/** A header by which the usage records of a case are found. */
export function caseHeader(name: string): Record<string, string> {
  return { "x-alfred-tags": `case=${name}` };
}

/** What a promise is rejected with; fails where it is not. */
export async function thrownBy(promise: PromiseLike<unknown>): Promise<unknown> {
  const outcome = await Promise.resolve(promise).then(() => undefined, (error: unknown) => ({ error }));
  if (outcome === undefined) throw new Error("It was answered, though it should have been refused.");
  return outcome.error;
}
