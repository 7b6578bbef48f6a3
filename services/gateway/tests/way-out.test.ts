import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, request as httpRequest, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Rig, chatOf, failureOf } from "./rig.ts";

const CERTIFICATE = fileURLToPath(new URL("certificates/provider.pem", import.meta.url));
const PRIVATE_KEY = fileURLToPath(new URL("certificates/provider-key.pem", import.meta.url));
const ANSWER = JSON.stringify({
  id: "x", object: "chat.completion", created: 1, model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

async function listening(server: Server, stack: AsyncDisposableStack): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A provider with a certificate that no authority of Node's has signed. */
function tlsProvider(stack: AsyncDisposableStack): Promise<number> {
  const options = { cert: readFileSync(CERTIFICATE), key: readFileSync(PRIVATE_KEY) };
  const server = createHttpsServer(options, (_, response) => response.writeHead(200, { "content-type": "application/json" }).end(ANSWER));
  return listening(server, stack);
}

interface Proxy {
  readonly url: string;
  /** What was asked of it: "CONNECT host:port" or "POST http://host:port/path". */
  readonly seen: string[];
}

/** A proxy that sends everything to one port, whatever host it was asked for. */
async function proxyTo(port: () => number, stack: AsyncDisposableStack): Promise<Proxy> {
  const seen: string[] = [];
  const server = createHttpServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const path = new URL(incoming.url ?? "").pathname;
    const outgoing = httpRequest({ port: port(), host: "127.0.0.1", method: incoming.method, path, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  });
  server.on("connect", (incoming, socket) => {
    seen.push(`CONNECT ${incoming.url}`);
    const onward = connect(port(), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket);
      socket.pipe(onward);
    });
    const drop = (): void => void [onward.destroy(), socket.destroy()];
    onward.on("error", drop).on("close", drop);
    socket.on("error", drop).on("close", drop);
  });
  return { url: `http://127.0.0.1:${await listening(server, stack)}`, seen };
}

const ask = (rig: Rig) => rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });

describe("the way out", () => {
  test("does not trust a provider whose certificate nobody vouches for", async () => {
    await using stack = new AsyncDisposableStack();
    const port = await tlsProvider(stack);
    await using rig = await Rig.start({ baseUrl: () => `https://127.0.0.1:${port}/v1` });
    expect(await failureOf(ask(rig))).toMatchObject({ code: "PROVIDER_UNAVAILABLE", metadata: { attempts: "1" } });
  });

  test("trusts an authority of one's own", async () => {
    await using stack = new AsyncDisposableStack();
    const port = await tlsProvider(stack);
    await using rig = await Rig.start({ baseUrl: () => `https://127.0.0.1:${port}/v1`, env: { ALFRED_UPSTREAM_CA_FILE: CERTIFICATE } });
    expect((await ask(rig)).receipt?.attempts).toBe(1);
  });

  test("leads to http through a proxy", async () => {
    await using stack = new AsyncDisposableStack();
    let port = 0;
    const proxy = await proxyTo(() => port, stack);
    await using rig = await Rig.start({
      baseUrl: (simUrl) => {
        port = Number(new URL(simUrl).port);
        return "http://provider.invalid:8000/v1";
      },
      env: { HTTP_PROXY: proxy.url },
    });
    expect((await ask(rig)).receipt?.attempts).toBe(1);
    expect(proxy.seen).toEqual(["POST http://provider.invalid:8000/v1/chat/completions"]);
  });

  test("leads to https through a tunnel of a proxy, and trusts the same authorities there", async () => {
    await using stack = new AsyncDisposableStack();
    const port = await tlsProvider(stack);
    const proxy = await proxyTo(() => port, stack);
    const env = { https_proxy: proxy.url, no_proxy: "", ALFRED_UPSTREAM_CA_FILE: CERTIFICATE };
    await using rig = await Rig.start({ baseUrl: () => "https://provider.test:8443/v1", env });
    expect((await ask(rig)).receipt?.attempts).toBe(1);
    expect(proxy.seen).toEqual(["CONNECT provider.test:8443"]);
  });

  test("goes round the proxy to hosts that are excepted, and to this machine", async () => {
    await using stack = new AsyncDisposableStack();
    const proxy = await proxyTo(() => 1, stack);
    await using rig = await Rig.start({ env: { HTTP_PROXY: proxy.url } });
    expect((await ask(rig)).receipt?.attempts).toBe(1);
    expect(proxy.seen).toEqual([]);
  });
});
