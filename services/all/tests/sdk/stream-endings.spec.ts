import OpenAI, { APIError } from "openai";
import { describe, expect, test } from "vitest";
import { caseHeader, type Running } from "./asked.ts";
import { costOf } from "./charge.ts";
import { FREE, PROVIDERS } from "./providers.ts";

/** What goes wrong in the midst of a stream, and what the client is told of it. */
const FAULTS = [
  ["cut_after", "provider_stream_broken"],
  ["truncate_after", "provider_stream_broken"],
  ["error_after", "provider_stream_broken"],
  ["malformed_after", "provider_malformed"],
  ["stall_after", "provider_timeout"],
] as const;

/** A stream that ends badly says so, whoever's it is, and what came of it is charged. */
export function streamEndingsSpec(running: () => Running): void {
  describe.each(PROVIDERS)("a stream of $id", ({ id, model }) => {
    test.each(FAULTS)("that meets %s ends in an error, and is on record", async (fault, code) => {
      const name = `ending-${id}-${fault}`;
      const client = new OpenAI({ apiKey: running().mesh.demoKey, baseURL: `${running().mesh.edgeUrl}/v1`, maxRetries: 0, defaultHeaders: caseHeader(name) });
      const messages = [{ role: "user" as const, content: `Count. [[sim: tokens=20 ${fault}=8]]` }];
      const { text, error } = await readToItsEnd(await client.chat.completions.create({ model, messages, stream: true }));
      expect(text).not.toBe("");
      expect(error).toBeInstanceOf(APIError);
      expect(error).toMatchObject({ code, error: { details: { provider: id } } });
      const [record] = await running().records.of(name);
      expect(record).toMatchObject({ provider: id, outcome: "ATTEMPT_OUTCOME_BROKEN", reason: code.toUpperCase() });
      expect(record && costOf(record) > 0n).toBe(id !== FREE);
    });
  });
}

/** What was streamed, and what the reader of it was thrown. */
async function readToItsEnd(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<{ text: string; error: unknown }> {
  let text = "";
  try {
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
    return { text, error: undefined };
  } catch (error) {
    return { text, error };
  }
}
