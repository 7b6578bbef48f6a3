import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { BROKEN_PROMPT, type Running, TOOL_PROMPT, WEATHER } from "./asked.ts";
import type { Told } from "./charge.ts";

const PROGRAM = fileURLToPath(new URL("python/main.py", import.meta.url));
const TOOL = { type: "function", function: { name: WEATHER.name, description: WEATHER.description, parameters: z.toJSONSchema(WEATHER.input) } };

/** What every prompt of the clients for Python is, unless a question has its own. */
export const PYTHON_PROMPT = "Good day from Python 🌿";

/** What the program is to ask: a function of one of its modules, as `chats.whole`. */
export interface Question {
  readonly ask: string;
  readonly case: string;
  readonly model: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** What a client for Python was answered, in its own words. */
export interface Answer {
  readonly case: string;
  readonly calls?: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly told?: Told | readonly Told[];
}

/** A question, its case named after what is asked and whom. */
export function question(ask: string, { id, model }: { id: string; model: string }, more: { suffix?: string; with?: Question["with"] } = {}): Question {
  const { suffix = "", with: fields } = more;
  return { ask, case: caseOf(ask + suffix, id), model, ...(fields && { with: fields }) };
}

/** The name of a case, by which answers and usage records are found. */
export function caseOf(ask: string, id: string): string {
  return `python-${id}-${ask}`;
}

/** Asks everything, in one process of Python's, in the environment that `npm test` makes. */
export async function askPython({ mesh }: Running, questions: readonly Question[]): Promise<Answer[]> {
  const child = spawn(python(), [PROGRAM], { stdio: ["pipe", "pipe", "inherit"] });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject).once("exit", resolve);
  const prompts = { prompt: PYTHON_PROMPT, tool_prompt: TOOL_PROMPT, broken_prompt: BROKEN_PROMPT };
  child.stdin.end(JSON.stringify({ url: mesh.edgeUrl, key: mesh.demoKey, ...prompts, tool: TOOL, questions }));
  const output = (await Array.fromAsync(child.stdout.setEncoding("utf8") as AsyncIterable<string>)).join("");
  if ((await promise) !== 0) throw new Error("The clients for Python broke off; what they said stands above.");
  return output.trim().split("\n").map((line) => JSON.parse(line) as Answer);
}

function python(): string {
  const { ALFRED_TEST_PYTHON: given, ALFRED_TEST_PYTHON_MISSING: why } = process.env;
  if (given) return given;
  throw new Error(why ?? "ALFRED_TEST_PYTHON names no Python; `npm test -- --only tests services/all/tests/sdk` makes one.");
}
