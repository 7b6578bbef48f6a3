import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Admin, createTenant } from "./admin.ts";
import type { Mesh } from "./mesh.ts";

const MIB = 1024 * 1024;
const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

function frame(content: string, finish: string | null = null): string {
  const choices = [{ index: 0, delta: content === "" ? {} : { content }, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices })}\n\n`;
}

/** What a provider says after its first word: as the model's name asks. */
const SCRIPTS: Readonly<Record<string, (socket: Socket) => Promise<unknown>>> = {
  async slow(socket) {
    await pause(500);
    const usage = { prompt_tokens: 900, completion_tokens: 400, total_tokens: 1_300 };
    return socket.end(`${frame("", "stop")}data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [], usage })}\n\ndata: [DONE]\n\n`);
  },
  async broken(socket) {
    await pause(50);
    return socket.end();
  },
  async endless(socket) {
    const piece = frame("x");
    while (!socket.closed) if (!socket.write(piece)) await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => undefined);
  },
};

/** Streams from a provider that does what none should, through every hop to a client that does likewise. */
export function streamsSpec(mesh: () => Mesh): void {
  describe("a stream from end to end", () => {
    let upstream: Socket | undefined;
    const server = createServer((socket) => {
      upstream = socket.on("error", () => undefined);
      socket.once("data", (request: Buffer) => {
        socket.write(HEAD + frame("Hello"));
        const name = Object.keys(SCRIPTS).find((each) => request.toString().includes(`[[${each}]]`));
        void SCRIPTS[name ?? "broken"]?.(socket);
      });
    });

    beforeAll(async () => {
      await once(server.listen(0, "127.0.0.1"), "listening");
      const root = new Admin(mesh(), mesh().rootKey);
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await root.ok("PUT", "providers/streams", { request_id: "streams-1", kind: "PROVIDER_KIND_OPENAI", base_url: address, price_book: "openai", secret: "any" });
      await root.ok("PUT", "deployments/streams", { request_id: "streams-2", model: "streams", provider_id: "streams", upstream_model: "gpt-4o-mini" });
    });
    afterAll(() => {
      upstream?.destroy();
      server.close();
    });

    async function asking(key: string, content: string): Promise<Socket> {
      const body = JSON.stringify({ model: "streams", messages: [{ role: "user", content }], max_tokens: 1_000, stream: true });
      const { hostname, port } = new URL(mesh().edgeUrl);
      const client = connect(Number(port), hostname);
      client.on("error", () => undefined);
      client.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: edge\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      await once(client, "readable");
      return client;
    }

    /** Asks until the deployment is known everywhere, and reads all of the answer. */
    async function answered(key: string, content: string): Promise<string> {
      return vi.waitFor(async () => {
        const body = JSON.stringify({ model: "streams", messages: [{ role: "user", content }], stream: true });
        const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
        const answer = await fetch(`${mesh().edgeUrl}/v1/chat/completions`, { method: "POST", headers, body });
        expect(answer.status).toBe(200);
        return answer.text();
      }, { timeout: 20_000 });
    }

    test("that its provider breaks off ends with an error event", async () => {
      const text = await answered(mesh().demoKey, "Hi [[broken]]");
      const frames = text.trimEnd().split("\n\n");
      expect(frames[0]).toContain("Hello");
      expect(JSON.parse(frames.at(-1)?.replace(/^data: /, "") ?? "")).toMatchObject({ error: { code: "provider_stream_broken", details: { provider: "streams" } } });
    });

    test("that its client leaves is read on, and charged as its provider reports", async () => {
      const tenant = await createTenant(mesh(), { team: 1_000_000_000n });
      const client = await asking(tenant.key, "Hi [[slow]]");
      client.destroy();
      // 900 tokens at $0.15 a million, 400 at $0.60.
      await vi.waitFor(async () => expect((await tenant.admin.balance(tenant.teamId)).posted).toBe(375_000n), { timeout: 20_000 });
    });

    test("that its client does not read is not read of its provider", async () => {
      const tenant = await createTenant(mesh(), { team: 1_000_000_000n });
      const client = await asking(tenant.key, "Hi [[endless]]");
      let before = -1;
      await expect.poll(() => before === (before = upstream?.bytesWritten ?? 0), { interval: 300, timeout: 30_000 }).toBe(true);
      // The buffers of three connections, a window of 4 MiB, and what is being read.
      expect(upstream?.bytesWritten).toBeLessThan(24 * MIB);
      client.destroy();
    });
  });
}
