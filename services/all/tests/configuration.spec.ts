import { rename, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Admin } from "./admin.ts";
import type { Mesh } from "./mesh.ts";
import { SecondGateway } from "./second-gateway.ts";

/** Has a price in the price book, and no provider in the mesh's environment. */
const MODEL = "llama-3.1-8b-instant";
const SOON = { timeout: 30_000, interval: 50 };

/** Providers added, given other keys, moved and removed while the mesh runs: by its file, and by calls. */
export function configurationSpec(mesh: () => Mesh): void {
  describe("a provider that is configured while the mesh runs", () => {
    /** How the upstream was asked last: "/v1/a with key-one". */
    let asked = "";
    const server = createServer((request, response) => void answer(request, response).then((how) => (asked = how)));
    const upstream = (name: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}/v1`;
    const ask = (model: string) =>
      new OpenAI({ apiKey: mesh().demoKey, baseURL: `${mesh().edgeUrl}/v1`, maxRetries: 0 }).chat.completions.create({ model, messages: [{ role: "user", content: "Hi" }], max_tokens: 10 });
    const soonAskedAs = (how: string, model: string): Promise<void> =>
      vi.waitFor(async () => {
        await ask(model);
        expect(asked).toBe(how);
      }, SOON);
    const soonGone = (model: string): Promise<void> => vi.waitFor(() => expect(ask(model)).rejects.toMatchObject({ code: "model_not_found" }), SOON);
    const root = (): Admin => new Admin(mesh(), mesh().rootKey);

    beforeAll(async () => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    });
    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });

    test("by the file: added, given another key and address, spared by a mistake, and removed, in every gateway", async () => {
      const file = (place: string, secret: string): string => `
providers:
  filed: { kind: openai, base_url: "${upstream(place)}", price_book: groq, region: lab, secret: ${secret} }
deployments:
  filed: { model: filed-model, provider: filed, upstream_model: ${MODEL} }
aliases:
  filed-alias: filed-model
`;
      await using second = await SecondGateway.start(mesh(), "configured");
      const ofSecond = () => second.as(mesh().demoKey).listModels({});
      await replace(mesh().configFile, file("one", "key-one"));
      await soonAskedAs("one with key-one", "filed-alias");
      await vi.waitFor(async () => expect((await ofSecond()).models.map(({ id }) => id)).toContain("filed-model"), SOON);
      await replace(mesh().configFile, file("two", "key-two"));
      await soonAskedAs("two with key-two", "filed-model");
      await replace(mesh().configFile, "providers: { filed: { kind: nobody } }");
      await vi.waitFor(() => expect(mesh().output).toContain("1:29 providers.filed.kind"), SOON);
      await soonAskedAs("two with key-two", "filed-alias");
      expect((await root().ok("GET", "providers"))["providers"]).toContainEqual(expect.objectContaining({ id: "filed", region: "lab", source: "CONFIG_SOURCE_FILE", hasSecret: true }));
      expect(await root().call("DELETE", "providers/filed?request_id=filed-1")).toMatchObject({ status: 409, body: { error: { code: "failed_precondition" } } });
      await replace(mesh().configFile, "{}");
      await Promise.all([soonGone("filed-alias"), soonGone("filed-model")]);
      await vi.waitFor(async () => expect((await ofSecond()).models.map(({ id }) => id)).not.toContain("filed-model"), SOON);
      expect(mesh().output).not.toMatch(/key-one|key-two/);
    });

    test("by calls: added, given another key and address, and removed", async () => {
      const provider = { kind: "PROVIDER_KIND_OPENAI", base_url: upstream("one"), price_book: "groq" };
      await root().ok("PUT", "providers/called", { ...provider, request_id: "called-1", secret: "key-one" });
      await root().ok("PUT", "deployments/called", { request_id: "called-2", model: "called-model", provider_id: "called", upstream_model: MODEL });
      await root().ok("PUT", "aliases/called/alias", { request_id: "called-3", model: "called-model" });
      await soonAskedAs("one with key-one", "called/alias");
      await root().ok("PUT", "providers/called", { ...provider, request_id: "called-4", secret: "key-two" });
      await soonAskedAs("one with key-two", "called-model");
      await root().ok("PUT", "providers/called", { ...provider, request_id: "called-5", base_url: upstream("two") });
      await soonAskedAs("two with key-two", "called/alias");
      const elsewhere = { ...provider, request_id: "called-elsewhere", base_url: "http://127.0.0.2:1/v1" };
      expect(await root().call("PUT", "providers/called", elsewhere)).toMatchObject({ status: 400, body: { error: { param: "secret" } } });
      await root().ok("DELETE", "aliases/called/alias?request_id=called-6");
      await root().ok("DELETE", "deployments/called?request_id=called-7");
      await root().ok("DELETE", "providers/called?request_id=called-8");
      await Promise.all([soonGone("called/alias"), soonGone("called-model")]);
      expect(mesh().output).not.toMatch(/key-one|key-two/);
    });
  });
}

/** Puts a file in the place of another at once, as an editor does. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** Source: https://platform.openai.com/docs/api-reference/chat/object. @returns where it was asked, and with which key */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<string> {
  await Array.fromAsync(request as AsyncIterable<Buffer>);
  const message = { role: "assistant", content: "Hello." };
  const usage = { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ id: "c1", object: "chat.completion", created: 1, model: MODEL, choices: [{ index: 0, message, finish_reason: "stop" }], usage }));
  return `${request.url?.split("/")[1] ?? ""} with ${request.headers.authorization?.replace("Bearer ", "") ?? "nothing"}`;
}
