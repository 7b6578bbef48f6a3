// The provider of the bench, a process of its own: the least that answers like one. It reads a request, looks for the
// bench's directive in it, and sends prepared bytes.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { serveFor } from "./child.ts";

const ID = { id: "chatcmpl-bench", created: 1_760_000_000, model: "gpt-4o-mini-2024-07-18", system_fingerprint: "fp_bench" };
const USAGE = { prompt_tokens: 480, completion_tokens: 64, total_tokens: 544 };
const SENTENCE = "The margin of the quiet river is seven lamps wide, as the early bridge answers. ";

const completion = Buffer.from(
  JSON.stringify({
    ...ID,
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: SENTENCE.repeat(4), refusal: null }, logprobs: null, finish_reason: "stop" }],
    usage: USAGE,
  }),
);

function frame(choices: readonly object[], usage: object | null): string {
  return `data: ${JSON.stringify({ ...ID, object: "chat.completion.chunk", choices, usage })}\n\n`;
}

const chunk = frame([{ index: 0, delta: { content: " margin" }, logprobs: null, finish_reason: null }], null);
const end = `${frame([], USAGE)}data: [DONE]\n\n`;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => reply(Buffer.concat(parts).toString("latin1"), response));
}

function reply(body: string, response: ServerResponse): void {
  const directive = /\[\[bench chunks=(\d+) gap=(\d+)\]\]/.exec(body);
  if (directive === null) {
    response.writeHead(200, { "content-type": "application/json", "content-length": completion.length });
    response.end(completion);
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const [, chunks = 0, gapMs = 0] = directive.map(Number);
  if (gapMs === 0) streamAtOnce(response, chunks);
  else streamPaced(response, chunks, gapMs);
}

/** Each chunk is written by itself, as providers do. */
function streamAtOnce(response: ServerResponse, chunks: number): void {
  for (let sent = 0; sent < chunks; sent += 1) response.write(chunk);
  response.end(end);
}

function streamPaced(response: ServerResponse, chunks: number, gapMs: number): void {
  let left = chunks;
  const timer = setInterval(() => {
    response.write(chunk);
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    response.end(end);
  }, gapMs);
  response.on("close", () => clearInterval(timer));
}

serveFor(createServer({ keepAliveTimeout: 600_000 }, answer));
