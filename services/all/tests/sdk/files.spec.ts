import OpenAI, { NotFoundError, toFile } from "openai";
import { describe, expect, test } from "vitest";
import { createTenant } from "../admin.ts";
import { type Running, thrownBy } from "./asked.ts";

/** Files as OpenAI's official client for Node keeps them: each its organisation's, at the provider that has it. */
export function filesSpec(running: () => Running): void {
  const clientOf = (apiKey: string, headers: Record<string, string> = {}): OpenAI => new OpenAI({ apiKey, baseURL: `${running().mesh.edgeUrl}/v1`, maxRetries: 0, defaultHeaders: headers });

  describe("files of openai-node", () => {
    // They run side by side, and lists are an organisation's.
    const tenant = async (headers?: Record<string, string>): Promise<OpenAI> => clientOf((await createTenant(running().mesh)).key, headers);

    test("are kept, told of, listed in pages, read as they were, and deleted", async () => {
      const owner = await tenant();
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
      const first = await owner.files.create({ purpose: "user_data", file: await toFile(bytes, "Größe 1.bin") });
      const second = await owner.files.create({ purpose: "batch", file: await toFile(Buffer.from("{}\n"), "in.jsonl"), expires_after: { anchor: "created_at", seconds: 3_600 } });
      expect(first).toMatchObject({ object: "file", bytes: bytes.length, filename: "Größe 1.bin", purpose: "user_data", status: "processed" });
      expect(first.id).toMatch(/^file-[0-9a-f]{32}$/);
      expect(await owner.files.retrieve(first.id)).toMatchObject({ id: first.id, filename: "Größe 1.bin", bytes: bytes.length });
      expect((await Array.fromAsync(await owner.files.list({ limit: 1 }))).map(({ id }) => id)).toEqual([second.id, first.id]);
      expect((await owner.files.list({ purpose: "batch", order: "asc" })).data.map(({ id, filename }) => [id, filename])).toEqual([[second.id, "in.jsonl"]]);
      expect(Buffer.from(await (await owner.files.content(first.id)).arrayBuffer()).equals(bytes)).toBe(true);
      expect(await owner.files.delete(first.id)).toEqual({ id: first.id, object: "file", deleted: true });
      expect(await thrownBy(owner.files.retrieve(first.id))).toBeInstanceOf(NotFoundError);
      expect((await owner.files.list()).data.map(({ id }) => id)).toEqual([second.id]);
    });

    test("are refused where they are too large, while the client still sends them", async () => {
      const owner = await tenant();
      const file = await toFile(Buffer.alloc(40 * 1024 * 1024), "large.jsonl");
      expect(await thrownBy(owner.files.create({ purpose: "batch", file }))).toMatchObject({ status: 413, code: "payload_too_large" });
    });

    test("are another organisation's to nobody, whatever is asked for", async () => {
      const [owner, stranger] = [await tenant(), await tenant()];
      const { id } = await owner.files.create({ purpose: "batch", file: await toFile(Buffer.from("{}\n"), "secret.jsonl") });
      for (const ask of [() => stranger.files.retrieve(id), () => stranger.files.content(id), () => stranger.files.delete(id), () => stranger.files.list({ after: id })]) {
        expect(await thrownBy(ask())).toMatchObject({ status: 404, code: "not_found" });
      }
      expect((await stranger.files.list()).data).toEqual([]);
      expect((await owner.files.retrieve(id)).id).toBe(id);
    });

    test.each(["openai", "azure", "groq"])("are kept at %s where the request says so", async (provider) => {
      const client = await tenant({ "x-alfred-provider": provider });
      const { data: file, response } = await client.files.create({ purpose: "batch", file: await toFile(Buffer.from(`{"at":"${provider}"}\n`), "in.jsonl") }).withResponse();
      expect(response.headers.get("x-alfred-provider")).toBe(provider);
      const told = await client.files.retrieve(file.id).withResponse();
      expect([told.data.id, told.response.headers.get("x-alfred-provider")]).toEqual([file.id, provider]);
      expect(await (await client.files.content(file.id)).text()).toBe(`{"at":"${provider}"}\n`);
    });

    test("are uploaded once under one idempotency key", async () => {
      const owner = await tenant();
      const upload = async (text: string) => owner.files.create({ purpose: "batch", file: await toFile(Buffer.from(text), "in.jsonl") }, { headers: { "idempotency-key": "files-once" } });
      const first = await upload("{}\n");
      expect((await upload("{}\n")).id).toBe(first.id);
      expect(await thrownBy(upload("[]\n"))).toMatchObject({ status: 409, code: "request_id_reused" });
    });

    test("are refused for what is wrong with them, by the field's name", async () => {
      const file = await toFile(Buffer.from("{}"), "in.jsonl");
      const owner = await tenant();
      const anthropic = await tenant({ "x-alfred-provider": "anthropic" });
      expect(await thrownBy(owner.files.create({ purpose: "fun" as never, file }))).toMatchObject({ status: 400, param: "purpose" });
      expect(await thrownBy(owner.files.create({ purpose: "batch", file: await toFile(Buffer.alloc(0), "in.jsonl") }))).toMatchObject({ status: 400, param: "file" });
      expect(await thrownBy(owner.files.create({ purpose: "batch", file: await toFile(Buffer.from("{}"), "in.txt") }))).toMatchObject({ status: 400, message: expect.stringContaining("jsonl") as unknown });
      expect(await thrownBy(anthropic.files.create({ purpose: "batch", file }))).toMatchObject({ status: 400, code: "feature_unsupported" });
      expect(await thrownBy(owner.files.list({ limit: 0 }))).toMatchObject({ status: 400, param: "limit" });
    });
  });
}
