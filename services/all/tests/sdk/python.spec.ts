import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { echo, type Running, simUsage, TOOL_PROMPT, WEATHER } from "./asked.ts";
import { expectCharged, type Told } from "./charge.ts";
import { can, EMBEDDING, PROVIDERS, REFUSING } from "./providers.ts";

const PROGRAM = fileURLToPath(new URL("clients.py", import.meta.url));
const PROMPT = "Good day from Python 🌿";
const TOOL = { type: "function", function: { name: WEATHER.name, description: WEATHER.description, parameters: z.toJSONSchema(WEATHER.input) } };
const FAILURES = [[400, "BadRequestError", 400], [429, "RateLimitError", 429], [500, "InternalServerError", 503]] as const;
const REFUSALS = [
  ["invalid_api_key", "AuthenticationError", 401, { model: "gpt-4o-mini", with: { key: "sk-wrong-wrong-wrong-wrong-wrong-wrong" } }],
  ["model_not_found", "NotFoundError", 404, { model: "no-such-model" }],
] as const;

interface Question {
  readonly ask: string;
  readonly case: string;
  readonly model: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
/** What the client for Python was answered, in its own words. */
interface Answer {
  readonly case: string;
  readonly calls?: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly told?: Told | readonly Told[];
}

/** OpenAI's official client for Python, in a process of its own that asks everything once. */
export function pythonSpec(running: () => Running): void {
  describe("openai-python", () => {
    const answers = new Map<string, Answer>();
    const answer = (ask: string, id: string): Answer => answers.get(caseOf(ask, id)) ?? { case: "none" };

    beforeAll(async () => {
      for (const each of await askAll(running(), questions())) answers.set(each.case, each);
    });

    describe.each(PROVIDERS)("against $id", (provider) => {
      const { id } = provider;

      test.each([["chat", "stop"], ["stream", ["stop"]]])("completes a %s", async (ask, finish) => {
        const told = answer(ask, id).told as Told;
        expect(answer(ask, id)).toMatchObject({ text: echo(PROMPT), finish, told: simUsage(PROMPT, provider) });
        await expectCharged(running().records, caseOf(ask, id), id, [told]);
      });

      test.each(FAILURES)("gets a typed error where the provider answers %i", (status, type, told) => {
        expect(answer(`refused-${status}`, id)).toMatchObject({ type, status: told });
      });

      test("gets a typed error where a stream is cut", () => {
        expect(answer("broken_stream", id)).toMatchObject({ type: "APIError", code: "provider_stream_broken", text: expect.stringMatching(/./) as unknown });
      });
    });

    describe.each(can("tools"))("with tools against $id", ({ id }) => {
      test("calls one, and goes on with its result", async () => {
        expect(answer("tools", id)).toMatchObject({ text: echo(TOOL_PROMPT), finish: ["tool_calls", "stop"] });
        expect(soundCalls(answer("tools", id))).toEqual([WEATHER.name]);
        await expectCharged(running().records, caseOf("tools", id), id, answer("tools", id).told as Told[]);
      });

      test("calls several at once, streamed", () => {
        expect(answer("tools_streamed", id)).toMatchObject({ finish: "tool_calls" });
        expect(soundCalls(answer("tools_streamed", id))).toEqual([WEATHER.name, WEATHER.name]);
      });
    });

    test.each(EMBEDDING)("has $id embed texts", async ({ id }) => {
      expect(answer("embed", id)).toMatchObject({ lengths: [expect.any(Number), expect.any(Number)] });
      await expectCharged(running().records, caseOf("embed", id), id, [answer("embed", id).told as Told]);
    });

    test.each(REFUSING)("is told what $id cannot do, or has it left out", ({ id, refuses }) => {
      expect(answer("unsupported", id)).toMatchObject({ type: "BadRequestError", code: "feature_unsupported", param: Object.keys(refuses)[0] });
      expect(answer("dropped", id)).toMatchObject({ text: echo("Hello") });
    });

    test.each(can("schemas"))("parses what $id answers in a form that is asked for", ({ id }) => {
      expect(answer("parse", id)).toMatchObject({ type: "Report", fields: ["celsius", "city", "dry", "winds"] });
    });

    test.each(REFUSALS)("gets a typed error %s", (code, type, status) => {
      expect(answer("refused", code)).toMatchObject({ type, status, code });
    });
  });
}

function questions(): Question[] {
  const plain = (ask: string) => ({ id, model }: { id: string; model: string }): Question => ({ ask, case: caseOf(ask, id), model });
  return [
    ...["chat", "stream", "broken_stream"].flatMap((ask) => PROVIDERS.map(plain(ask))),
    ...["tools", "tools_streamed"].flatMap((ask) => can("tools").map(plain(ask))),
    ...can("schemas").map(plain("parse")),
    ...EMBEDDING.map(plain("embed")),
    ...PROVIDERS.flatMap(({ id, model }) =>
      FAILURES.map(([status]) => ({ ask: "refused", case: caseOf(`refused-${status}`, id), model, with: { content: `[[sim: status=${status}]]` } }))),
    ...REFUSING.flatMap(({ id, model, refuses }) => [
      { ask: "refused", case: caseOf("unsupported", id), model, with: { fields: refuses } },
      { ask: "refused", case: caseOf("dropped", id), model, with: { fields: { ...refuses, drop_unsupported: true } } },
    ]),
    ...REFUSALS.map(([code, , , question]) => Object.assign({ ask: "refused", case: caseOf("refused", code) }, question)),
  ];
}

function caseOf(ask: string, id: string): string {
  return `openai-python-${id}-${ask}`;
}

function soundCalls({ calls = [] }: Answer): string[] {
  for (const call of calls) WEATHER.input.parse(call.arguments);
  return calls.map(({ name }) => name);
}

/** Runs the program in the environment that `npm test` makes; it prints a line for each question. */
async function askAll({ mesh }: Running, asked: readonly Question[]): Promise<Answer[]> {
  const child = spawn(python(), [PROGRAM], { stdio: ["pipe", "pipe", "inherit"] });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject).once("exit", resolve);
  child.stdin.end(JSON.stringify({ base_url: `${mesh.edgeUrl}/v1`, key: mesh.demoKey, prompt: PROMPT, tool_prompt: TOOL_PROMPT, tool: TOOL, questions: asked }));
  const output = (await Array.fromAsync(child.stdout.setEncoding("utf8") as AsyncIterable<string>)).join("");
  if ((await promise) !== 0) throw new Error("The client for Python broke off; what it said stands above.");
  return output.trim().split("\n").map((line) => JSON.parse(line) as Answer);
}

function python(): string {
  const { ALFRED_TEST_PYTHON: given, ALFRED_TEST_PYTHON_MISSING: why } = process.env;
  if (given) return given;
  throw new Error(why ?? "ALFRED_TEST_PYTHON names no Python; `npm test -- --only tests services/all/tests/sdk` makes one.");
}
