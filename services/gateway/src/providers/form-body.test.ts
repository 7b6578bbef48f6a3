import { once } from "node:events";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { UpstreamCall } from "../domain/provider-port.ts";
import { writeForm } from "./form-body.ts";
import { HttpProvider } from "./http-provider.ts";

const FILE = { field: "file", filename: 'a "b"\r\nü.wav', contentType: "audio/wav\r\nx: y", content: Buffer.from("RIFF\r\n\0\xff", "latin1") };

/** A form as the platform reads it. */
async function read(contentType: string, body: Buffer<ArrayBuffer>): Promise<[string, string][]> {
  const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
  return Promise.all(Array.from(form, async ([name, value]): Promise<[string, string]> => [name, typeof value === "string" ? value : `${value.name}; ${value.type}; ${Buffer.from(await value.arrayBuffer()).toString("latin1")}`]));
}

describe("a form that is sent", () => {
  let server: Server;
  const received: { readonly contentType: string; readonly length: string; readonly body: Buffer<ArrayBuffer> }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
        const { "content-type": contentType = "", "content-length": length = "" } = request.headers;
        received.push({ contentType, length, body: Buffer.concat(chunks) });
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(() => server.close());

  test("has fields, lists, objects and files as OpenAI's clients write them, again and again", async () => {
    const upload = writeForm({ model: "m", n: 2, stream: true, none: null, list: ["a", "b"], object: { key: "v", "more": [1] }, text: "ü\r\n" }, [FILE, { ...FILE, field: "mask", filename: "", contentType: "" }]);
    const { port } = server.address() as AddressInfo;
    const request = { url: `http://127.0.0.1:${port}/upload`, headers: {}, body: "{}", upload };
    const upstream = { id: "p", kind: "openai", baseUrl: "", secret: "", priceBook: "" } as const;
    const call: UpstreamCall = { upstream, model: "m", request, requestId: "req_1", signal: new AbortController().signal, deadlineMs: Date.now() + 60_000, onSent: () => undefined };
    const way = new Agent();
    const provider = new HttpProvider(way, { firstByteMs: 60_000, idleMs: 60_000 }, Date.now);
    for (let attempt = 0; attempt < 2; attempt += 1) await provider.ask(call, () => undefined);
    await way.close();
    expect(received).toHaveLength(2);
    for (const { contentType, length, body } of received) {
      expect(length).toBe(String(body.length));
      expect(await read(contentType, body)).toEqual([
        ["model", "m"], ["n", "2"], ["stream", "true"], ["list[]", "a"], ["list[]", "b"], ["object[key]", "v"], ["object[more][]", "1"], ["text", "ü\r\n"],
        ["file", 'a "b"\r\nü.wav; audio/wavx: y; RIFF\r\n\0\xff'], ["mask", "; text/plain; RIFF\r\n\0\xff"],
      ]);
    }
  });
});
