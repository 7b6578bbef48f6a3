import { SIM_PROVIDER_IDS, createProviderSim, simBaseUrls } from "@alfred/provider-sim";
import { readChatRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { dialectOf } from "../src/providers/dialects.ts";
import { refusalFailure } from "../src/providers/refusal.ts";
import { spokenOf } from "./dialect-client.ts";

const SECRET = "key-0123456789-of-the-operator";

/** What each status means, whoever answers it, and whether the provider is asked again. */
const MEANINGS: readonly (readonly [status: number, code: string, retryable: boolean])[] = [
  [400, "PROVIDER_REJECTED", false], [401, "PROVIDER_UNAUTHENTICATED", false], [402, "PROVIDER_UNAVAILABLE", false], [403, "PROVIDER_UNAUTHENTICATED", false],
  [404, "PROVIDER_REJECTED", false], [408, "PROVIDER_UNAVAILABLE", true], [409, "PROVIDER_UNAVAILABLE", true], [413, "PROVIDER_REJECTED", false],
  [422, "PROVIDER_REJECTED", false], [429, "PROVIDER_RATE_LIMITED", true], [500, "PROVIDER_UNAVAILABLE", true], [502, "PROVIDER_UNAVAILABLE", true],
  [503, "PROVIDER_UNAVAILABLE", true], [504, "PROVIDER_UNAVAILABLE", true], [529, "PROVIDER_UNAVAILABLE", true],
];

describe.each(SIM_PROVIDER_IDS)("a refusal of %s", (id) => {
  test("means by its status what it means of everybody, and says so without the key", async () => {
    await using sim = createProviderSim({ apiKeys: [SECRET] });
    const baseUrl = simBaseUrls(await sim.listen())[id];
    const [, kind, model] = spokenOf(id);
    for (const [status, code, retryable] of MEANINGS) {
      const { chat } = readChatRequest({ model: "m", max_tokens: 9, messages: [{ role: "user", content: `Hi [[sim: status=${status} retry_after_s=3]]` }] });
      const { request } = dialectOf({ kind }).chat(chat, { baseUrl, secret: SECRET, model }, false);
      const response = await fetch(request.url, { method: "POST", headers: { "content-type": "application/json", ...request.headers }, body: JSON.stringify(request.body) });
      const text = (await response.text()).replace(/("(?:message|detail)":")/, `$1Bearer ${SECRET} of sk-ab***xyz: `);
      const { error, ...failure } = refusalFailure({ id, kind, baseUrl, secret: SECRET, priceBook: kind }, { status: response.status, headers: Object.fromEntries(response.headers), text });
      expect([status, error.code, failure.retryable]).toEqual([status, code, retryable]);
      expect([status, failure.retryAfterMs]).toEqual([status, retryable ? 3_000 : undefined]);
      expect(error.message).toMatch(/./);
      expect(JSON.stringify([error.message, error.metadata])).not.toMatch(/0123456789|sk-ab|xyz/);
    }
  });
});
