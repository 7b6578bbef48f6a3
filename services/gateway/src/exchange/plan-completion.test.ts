import { ModelPrice } from "@alfred/contracts";
import { readCompletionRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { ProviderKind } from "../domain/route.ts";
import { planCompletion } from "./plan-completion.ts";
import type { Plan } from "./plan.ts";

const meters = ["input_tokens", "output_tokens"].map((meter) => ({ meter, nanos: 1_000_000_000n, per: 1_000_000n, tiers: [] }));
const INSTRUCT = "gpt-3.5-turbo-instruct";

function plan(kind: ProviderKind, model: string, fields: Readonly<Record<string, unknown>>, more: { streamed?: boolean; limitTokens?: bigint } = {}): Plan {
  const { completion } = readCompletionRequest({ model: "m", ...fields });
  const upstream = { id: kind, kind, baseUrl: "https://api.test", secret: "s", priceBook: kind };
  return planCompletion(completion, { upstream, model, price: ModelPrice.create({ meters }) }, more.streamed === true, more.limitTokens);
}

const bodyOf = ({ request }: Plan): unknown => JSON.parse(request.body);

describe("completions", () => {
  test("go as they are to a model for them, unknown fields included", () => {
    const fields = { prompt: ["a", "b"], suffix: "z", best_of: 3, logprobs: 2, unknown: { y: 1 } };
    const planned = plan("openai", INSTRUCT, { ...fields, drop_unsupported: true });
    expect(planned.request).toMatchObject({ url: "https://api.test/completions", form: "completion" });
    expect(bodyOf(planned)).toEqual({ model: INSTRUCT, ...fields });
    expect(planned.operation).toBe("completion");
  });

  test("ask for the usage of a stream, whatever the client wants", () => {
    expect(bodyOf(plan("azure", "gpt-35-turbo-instruct", { prompt: "a" }, { streamed: true }))).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  test.each(["openai", "azure", "anthropic", "gemini", "cohere"] as const)("go by way of a chat to models for chats at %s", (kind) => {
    const planned = plan(kind, "chatty", { prompt: ["Once upon"], max_tokens: 9, temperature: 0.5, drop_unsupported: true, suffix: "z" });
    expect(planned.request.form).toBeUndefined();
    expect(planned.request.body).toContain("Once upon");
    expect(planned.request.body).not.toContain("suffix");
    expect(planned.bound.usage.outputTokens).toBe(9n);
    expect([planned.operation, planned.requestedModel]).toEqual(["completion", "m"]);
  });

  test.each([
    [{ prompt: "a", echo: true }, "echo"],
    [{ prompt: "a", suffix: "z" }, "suffix"],
    [{ prompt: "a", best_of: 2 }, "best_of"],
    [{ prompt: "a", logprobs: 0 }, "logprobs"],
  ])("are refused across for %j", (fields, field) => {
    expect(() => plan("openai", "gpt-4o-mini", fields)).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED", metadata: { provider: "openai", field, fields: field } }));
  });

  test.each([{ prompt: ["a", "b"] }, { prompt: [1, 2] }])("are one text across, not %j", (fields) => {
    expect(() => plan("openai", "gpt-4o-mini", fields)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field: "prompt" } }));
  });

  test.each([
    [{ prompt: "a" }, 16n],
    [{ prompt: "a", max_tokens: 0 }, 0n],
    [{ prompt: ["a", "b", "c"], n: 2, best_of: 4, max_tokens: 10 }, 120n],
    [{ prompt: [[1, 2], [3]], echo: true, max_tokens: 10 }, 26n],
  ])("are held for what %j can use at most", (fields, outputTokens) => {
    expect(plan("openai", INSTRUCT, fields).bound.usage.outputTokens).toBe(outputTokens);
  });

  test("count token ids, and no less than a token for a byte of texts", () => {
    expect(plan("openai", INSTRUCT, { prompt: [[1, 2], [3]] })).toMatchObject({ knownTokens: 3n, bound: { usage: { inputTokens: 3n }, isText: false } });
    expect(plan("openai", INSTRUCT, { prompt: "x".repeat(100) }).bound.usage.inputTokens).toBeGreaterThan(100n);
  });

  test("are cut to what the budget pays for", () => {
    const cut = plan("openai", INSTRUCT, { prompt: "a", max_tokens: 64 }, { limitTokens: 5n });
    expect(bodyOf(cut)).toMatchObject({ max_tokens: 5 });
    expect([cut.isClamped, cut.bound.usage.outputTokens]).toEqual([true, 5n]);
    expect(bodyOf(plan("openai", "gpt-4o-mini", { prompt: "a" }, { limitTokens: 5n }))).toMatchObject({ max_completion_tokens: 5 });
  });
});
