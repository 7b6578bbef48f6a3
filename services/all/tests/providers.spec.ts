import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import OpenAI, { BadRequestError } from "openai";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Admin } from "./admin.ts";
import type { Mesh } from "./mesh.ts";

const SECRET = "sk-ant-upstream-0123456789";
const MODEL = "claude-haiku-4-5";

/** Configured by a call while the mesh runs: a provider with a dialect of its own, behind OpenAI's official client. */
export function providersSpec(mesh: () => Mesh): void {
  describe("a provider that does not speak OpenAI's API", () => {
    const asked: Record<string, unknown>[] = [];
    const server = createServer((request, response) => void answer(request, response, asked));
    const client = (): OpenAI => new OpenAI({ apiKey: mesh().demoKey, baseURL: `${mesh().edgeUrl}/v1`, maxRetries: 0 });
    const say = <More extends object>(more: More) => ({ model: `claude/${MODEL}`, messages: [{ role: "user" as const, content: "Hi" }], max_tokens: 100, ...more });

    beforeAll(async () => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const provider = { request_id: "claude-1", kind: "PROVIDER_KIND_ANTHROPIC", base_url: `http://127.0.0.1:${port}`, secret: SECRET, price_book: "anthropic" };
      await new Admin(mesh(), mesh().rootKey).ok("PUT", "providers/claude", provider);
      await vi.waitFor(() => client().models.retrieve(`claude/${MODEL}`), { timeout: 20_000 });
    });
    afterAll(async () => {
      server.closeAllConnections();
      server.close();
      await new Admin(mesh(), mesh().rootKey).ok("DELETE", "providers/claude?request_id=claude-2");
    });

    test("answers like any other, and is charged by its own prices", async () => {
      const { data, response } = await client().chat.completions.create(say({})).withResponse();
      expect(data).toMatchObject({ object: "chat.completion", model: MODEL, choices: [{ message: { content: "Grüezi 🌿." }, finish_reason: "stop" }], usage: { prompt_tokens: 9, completion_tokens: 3 } });
      expect(response.headers.get("x-alfred-provider")).toBe("claude");
      expect(Number(response.headers.get("x-alfred-cost-usd"))).toBeGreaterThan(0);
    });

    test("streams like any other", async () => {
      const stream = await client().chat.completions.create(say({ stream: true as const, stream_options: { include_usage: true } }));
      const chunks = await Array.fromAsync(stream);
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe("Grüezi 🌿.");
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 3 } });
    });

    test("refuses what it cannot do, or leaves it out where that is asked", async () => {
      const odd = { logit_bias: { "50256": -100 } };
      const error = await client().chat.completions.create(say(odd)).then(() => undefined, (thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(BadRequestError);
      expect((error as BadRequestError).error).toMatchObject({ code: "feature_unsupported", param: "logit_bias" });
      await client().chat.completions.create(say({ ...odd, drop_unsupported: true }));
      expect(Object.keys(asked.at(-1) ?? {})).not.toEqual(expect.arrayContaining([expect.stringMatching(/logit_bias|drop_unsupported/)]));
    });
  });
}

/** Sources: https://platform.claude.com/docs/en/api/messages/create, https://platform.claude.com/docs/en/build-with-claude/streaming */
async function answer(request: IncomingMessage, response: ServerResponse, asked: Record<string, unknown>[]): Promise<void> {
  const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
  asked.push(body);
  const isKnown = request.url === "/v1/messages" && request.headers["x-api-key"] === SECRET;
  const message = { id: "msg_1", type: "message", role: "assistant", model: MODEL, content: [] as object[], stop_reason: null as string | null, stop_sequence: null, usage: { input_tokens: 9, output_tokens: 1 } };
  if (body["stream"] !== true) {
    const whole = { ...message, content: [{ type: "text", text: "Grüezi 🌿." }], stop_reason: "end_turn", usage: { input_tokens: 9, output_tokens: 3 } };
    response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" }).end(JSON.stringify(whole));
    return;
  }
  const events = [
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    ...["Grüezi ", "🌿."].map((text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 3 } },
    { type: "message_stop" },
  ];
  response.writeHead(isKnown ? 200 : 401, { "content-type": "text/event-stream" });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
}
