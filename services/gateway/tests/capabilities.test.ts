import { SIM_PROVIDER_IDS } from "@alfred/provider-sim";
import { describe, expect, test } from "vitest";
import { PROBES } from "../src/providers/probes.ts";
import { DialectClient, NotServed, spokenOf } from "./dialect-client.ts";

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
    await using client = await DialectClient.of(spokenOf(id));
    const came = await Promise.all(PROBES.map(async ({ name, fields }) => `${name}: ${await ask(client, fields, streamed).catch(String)}`));
    expect(came.filter((each) => !/: (?:told|served)$/.test(each))).toEqual([]);
    expect(came).toContain("text: served");
  });
});
