import { SIM_PROVIDER_IDS, type SimProviderId } from "@alfred/provider-sim";
import { describe, expect, test } from "vitest";
import { PROBES } from "../src/providers/probes.ts";
import { DialectClient, NotServed, type Spoken } from "./dialect-client.ts";

/** Those that are no row of OpenAI's dialect, and those whose models' names tell what they take. */
const SPOKEN: Partial<Readonly<Record<SimProviderId, Spoken>>> = {
  azure: ["azure", "azure", "azure", "sim-chat"],
  anthropic: ["anthropic", "anthropic", "anthropic", "claude-opus-4-5"],
  gemini: ["gemini", "gemini", "google", "gemini-3-pro-preview"],
  cohere: ["cohere", "cohere", "cohere", "command-a-03-2025"],
};

/** Asks for a thing. @returns whether it was told that the provider has nothing for it, or served */
async function ask(client: DialectClient, fields: object, streamed: boolean): Promise<"told" | "served"> {
  try {
    await client.answer({ max_completion_tokens: 4_096, messages: [{ role: "user", content: "Hi" }], ...fields }, streamed);
    return "served";
  } catch (error) {
    if (error instanceof NotServed) return "told";
    throw error;
  }
}

/** The simulator is written from the providers' documentation, not from the dialects: what they promise it has to take. */
describe.each(SIM_PROVIDER_IDS)("at %s", (id) => {
  test.each([["whole", false], ["streamed", true]])("whatever is not told is served: %s", async (_, streamed) => {
    await using client = await DialectClient.of(SPOKEN[id] ?? [id, "openai", id, "sim-chat"]);
    const came = await Promise.all(PROBES.map(async ({ name, fields }) => `${name}: ${await ask(client, fields, streamed).catch(String)}`));
    expect(came.filter((each) => !/: (?:told|served)$/.test(each))).toEqual([]);
    expect(came).toContain("text: served");
  });
});
