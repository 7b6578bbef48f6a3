import { beforeAll, describe, expect, test } from "vitest";
import { echo, type Running, simUsage, TOOL_PROMPT, WEATHER } from "./asked.ts";
import { expectCharged, type Told } from "./charge.ts";
import { can, EMBEDDING, PROVIDERS, REFUSING } from "./providers.ts";
import { otherFaces, otherQuestions } from "./python-faces.ts";
import { fileQuestions, files } from "./python-files.ts";
import { type Answer, askPython, caseOf, PYTHON_PROMPT, type Question, question } from "./python-program.ts";

/** A face on which a client for Python talks, and what its answers end with: whole, streamed, and around the call of a tool. */
interface Face {
  readonly name: "chats" | "responses" | "messages";
  readonly ends: { readonly whole: unknown; readonly streamed: unknown; readonly tools: unknown };
  /** The type of an error where the provider fails. */
  readonly failure: string;
  /** What is refused, whom it cannot be asked of, and how the refusal is told. */
  readonly refusing: readonly { readonly id: string; readonly model: string; readonly refuses: object }[];
}

const others = (native: string, refuses: object): Face["refusing"] => PROVIDERS.filter(({ id }) => id !== native).map(({ id, model }) => ({ id, model, refuses }));
const FACES: readonly Face[] = [
  { name: "chats", failure: "InternalServerError", ends: { whole: "stop", streamed: ["stop"], tools: ["tool_calls", "stop"] }, refusing: REFUSING },
  { name: "responses", failure: "InternalServerError", ends: { whole: "completed", streamed: "completed", tools: ["completed", "completed"] }, refusing: others("openai", { truncation: "auto" }) },
  { name: "messages", failure: "ServiceUnavailableError", ends: { whole: "end_turn", streamed: "end_turn", tools: ["tool_use", "end_turn"] }, refusing: others("anthropic", { top_k: 5 }) },
];
const FAILURES = [[400, 400, "BadRequestError"], [429, 429, "RateLimitError"], [500, 503, ""]] as const;
const REFUSALS = [
  ["invalid_api_key", "AuthenticationError", 401, "gpt-4o-mini", { key: "sk-wrong-wrong-wrong-wrong-wrong-wrong" }],
  ["model_not_found", "NotFoundError", 404, "no-such-model", {}],
] as const;

/** The official clients for Python, in a process of its own that asks everything once. */
export function pythonSpec(running: () => Running): void {
  describe("python", () => {
    const answers = new Map<string, Answer>();
    const answer = (ask: string, id: string): Answer => answers.get(caseOf(ask, id)) ?? { case: "none" };

    beforeAll(async () => {
      for (const each of await askPython(running(), [...FACES.flatMap(questionsOf), ...otherQuestions(), ...fileQuestions()])) answers.set(each.case, each);
    });

    describe.each(FACES)("$name", ({ name, failure, ends, refusing }) => {
      describe.each(PROVIDERS)("against $id", (provider) => {
        const { id } = provider;

        test.each([["whole", ends.whole], ["streamed", ends.streamed]])("are answered, %s", async (ask, finish) => {
          const { told } = answer(`${name}.${ask}`, id);
          expect(answer(`${name}.${ask}`, id)).toMatchObject({ text: echo(PYTHON_PROMPT), finish, told: simUsage(PYTHON_PROMPT, provider) });
          await expectCharged(running().records, caseOf(`${name}.${ask}`, id), id, [told as Told]);
        });

        test.each(FAILURES)("are a typed error where the provider answers %i", (asked, status, type) => {
          expect(answer(`${name}.refused-${asked}`, id)).toMatchObject({ type: type || failure, status });
        });

        test("are a typed error where a stream is cut", () => {
          expect(answer(`${name}.broken_stream`, id)).toMatchObject({ type: expect.stringMatching(/^API/) as unknown, code: "provider_stream_broken", text: expect.stringMatching(/./) as unknown });
        });
      });

      describe.each(can("tools"))("with tools against $id", ({ id }) => {
        test("call one, and go on with its result", async () => {
          expect(answer(`${name}.tools`, id)).toMatchObject({ text: echo(TOOL_PROMPT), finish: ends.tools });
          expect(soundCalls(answer(`${name}.tools`, id))).toEqual([WEATHER.name]);
          await expectCharged(running().records, caseOf(`${name}.tools`, id), id, answer(`${name}.tools`, id).told as Told[]);
        });

        test("call several at once, streamed", () => {
          expect(soundCalls(answer(`${name}.tools_streamed`, id))).toEqual([WEATHER.name, WEATHER.name]);
        });
      });

      test.each(refusing)("are told what $id cannot do, or have it left out", ({ id, refuses }) => {
        expect(answer(`${name}.refused-unsupported`, id)).toMatchObject({ type: "BadRequestError", code: "feature_unsupported", param: Object.keys(refuses)[0] });
        expect(answer(`${name}.refused-dropped`, id)).toMatchObject({ text: echo("Hello") });
      });

      test.each(name === "messages" ? [] : can("schemas"))("are parsed where $id answers in a form that is asked for", ({ id }) => {
        expect(answer(`${name}.parse`, id)).toMatchObject({ type: "Report", fields: ["celsius", "city", "dry", "winds"] });
      });

      test.each(REFUSALS)("are a typed error %s", (code, type, status) => {
        expect(answer(`${name}.refused`, code)).toMatchObject({ type, status, code });
      });
    });

    test.each(EMBEDDING)("embeddings of $id", async ({ id }) => {
      expect(answer("chats.embed", id)).toMatchObject({ lengths: [expect.any(Number), expect.any(Number)] });
      await expectCharged(running().records, caseOf("chats.embed", id), id, [answer("chats.embed", id).told as Told]);
    });

    otherFaces(running, answer);
    files(running, answer);
  });
}

function questionsOf({ name, refusing }: Face): Question[] {
  const ask = (what: string, providers: readonly { id: string; model: string }[]): Question[] => providers.map((provider) => question(`${name}.${what}`, provider));
  return [
    ...["whole", "streamed", "broken_stream"].flatMap((what) => ask(what, PROVIDERS)),
    ...["tools", "tools_streamed"].flatMap((what) => ask(what, can("tools"))),
    ...(name === "messages" ? [] : ask("parse", can("schemas"))),
    ...(name === "chats" ? ask("embed", EMBEDDING) : []),
    ...PROVIDERS.flatMap((provider) =>
      FAILURES.map(([status]) => question(`${name}.refused`, provider, { suffix: `-${status}`, with: { content: `[[sim: status=${status}]]` } }))),
    ...refusing.flatMap((provider) => [
      question(`${name}.refused`, provider, { suffix: "-unsupported", with: { fields: provider.refuses } }),
      question(`${name}.refused`, provider, { suffix: "-dropped", with: { fields: { ...provider.refuses, drop_unsupported: true } } }),
    ]),
    ...REFUSALS.map(([code, , , model, fields]) => question(`${name}.refused`, { id: code, model }, { with: fields })),
  ];
}

function soundCalls({ calls = [] }: Answer): string[] {
  for (const call of calls) WEATHER.input.parse(call.arguments);
  return calls.map(({ name }) => name);
}
