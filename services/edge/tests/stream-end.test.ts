import { once } from "node:events";
import { connect } from "node:net";
import { ChatCompletionChunk, type StreamChatCompletionResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import { describe, expect, test, vi } from "vitest";
import { GatewayLink } from "./gateway-link.ts";
import { EdgeRig } from "./rig.ts";

type Event = StreamChatCompletionResponse;

const started: Event = {
  event: { $case: "started", value: { requestId: "r", provider: "p", model: "m", attempts: 1, rateLimit: undefined, remaining: undefined, warnings: [], failedAttempts: [], routeRule: undefined, arm: undefined } },
};
const chunk = (id: string): Event => ({ event: { $case: "chunk", value: ChatCompletionChunk.create({ id, object: "chat.completion.chunk" }) } });

/** The frames of an answer, the last as JSON. */
async function endOf(answer: Response): Promise<{ frames: number; last: unknown }> {
  const frames = (await answer.text()).trimEnd().split("\n\n");
  return { frames: frames.length, last: JSON.parse(frames.at(-1)?.replace(/^data: /, "") ?? "") };
}

/** A stream that says one word and then waits for its end. */
async function* waiting(_request: unknown, { signal }: CallContext): AsyncGenerator<Event> {
  yield started;
  yield chunk("1");
  if (!signal.aborted) await once(signal, "abort");
}

/** The answer once its first word is here. */
async function begun(asked: Promise<Response>): Promise<{ rest: Promise<string>; leave: () => Promise<void> }> {
  const { body } = await asked;
  if (body === null) throw new Error("There is no body.");
  const reader: ReadableStreamDefaultReader<string> = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n\n")) text += (await reader.read()).value ?? "";
  const read = async (): Promise<string> => {
    for (let step = await reader.read(); !step.done; step = await reader.read()) text += step.value;
    return text;
  };
  return { rest: read(), leave: () => reader.cancel() };
}

const errorOf = (text: string): unknown => JSON.parse(text.trimEnd().split("\n\n").at(-1)?.replace(/^data: /, "") ?? "");

describe("a stream ends with a word of its end", () => {
  test("where the gateway fails in its midst", async () => {
    async function* failing(): AsyncGenerator<Event> {
      yield started;
      yield chunk("1");
      throw fail("PROVIDER_TIMEOUT", "The provider fell silent.", { metadata: { timeout: "between_chunks" } });
    }
    await using rig = await EdgeRig.start({ streamChatCompletion: failing });
    const { frames, last } = await endOf(await rig.chat({ stream: true }));
    expect([frames, last]).toMatchObject([2, { error: { code: "provider_timeout", details: { timeout: "between_chunks" } } }]);
  });

  test("where the link to the gateway is cut", async () => {
    await using link = await GatewayLink.start({ streamChatCompletion: waiting });
    await using rig = await EdgeRig.start({}, {}, link.transport);
    const { rest } = await begun(rig.chat({ stream: true }));
    link.cut();
    expect(errorOf(await rest)).toMatchObject({ error: { type: "server_error", code: "unavailable", request_id: expect.stringMatching(/^req_/) as string } });
  });

  test("where the gateway stops, and has no time for it", async () => {
    await using link = await GatewayLink.start({ streamChatCompletion: waiting });
    await using rig = await EdgeRig.start({}, {}, link.transport);
    const { rest } = await begun(rig.chat({ stream: true }));
    await link.stop();
    expect(errorOf(await rest)).toMatchObject({ error: { code: "unavailable" } });
  });

  test("where the edge itself stops, and has no time for it", async () => {
    const rig = await EdgeRig.start({ streamChatCompletion: waiting }, {}, undefined, 50);
    const { rest } = await begun(rig.chat({ stream: true }));
    const stopped = rig[Symbol.asyncDispose]();
    expect(errorOf(await rest)).toMatchObject({ error: { code: "unavailable", message: "This server is stopping." } });
    await stopped;
  });
});

describe("a client", () => {
  test("that goes away is known to have gone behind the link", async () => {
    const left = Promise.withResolvers<void>();
    async function* watched(request: unknown, context: CallContext): AsyncGenerator<Event> {
      try {
        yield* waiting(request, context);
      } finally {
        left.resolve();
      }
    }
    await using link = await GatewayLink.start({ streamChatCompletion: watched });
    await using rig = await EdgeRig.start({}, {}, link.transport);
    const { leave } = await begun(rig.chat({ stream: true }));
    await leave();
    await expect(left.promise).resolves.toBeUndefined();
  });

  test("that does not read is not waited for beyond the time for the whole request", async () => {
    async function* endless(): AsyncGenerator<Event> {
      yield started;
      for (;;) yield chunk("x".repeat(100_000));
    }
    await using rig = await EdgeRig.start({ streamChatCompletion: endless }, { requestTimeoutMs: 1_000 });
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }], stream: true });
    const socket = connect(rig.address);
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: e\r\nauthorization: Bearer any\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await once(socket, "readable");
    socket.on("error", () => undefined);
    const answered = 'alfred_edge_requests_total{route="/v1/chat/completions",status="200"} 1';
    await vi.waitUntil(async () => (await (await rig.send("/metrics")).text()).includes(answered), { timeout: 10_000 });
    const closed = once(socket, "close");
    socket.resume();
    await expect(closed).resolves.toBeDefined();
  });
});
