import { MODEL_ROUTES } from "@alfred/edge";
import { describe, expect, test } from "vitest";
import { caseHeader, type Running } from "./asked.ts";
import { costOf } from "./charge.ts";

const MESSAGES = [{ role: "user", content: "Hello" }];

/** What each route is asked with, at a model that costs something. */
const BODIES: Readonly<Record<string, object>> = {
  "/v1/chat/completions": { model: "openai/gpt-4o-mini", messages: MESSAGES },
  "/v1/responses": { model: "openai/gpt-4o-mini", input: "Hello" },
  "/v1/messages": { model: "openai/gpt-4o-mini", max_tokens: 64, messages: MESSAGES },
  "/v1/messages/count_tokens": { model: "openai/gpt-4o-mini", messages: MESSAGES },
  "/v1/completions": { model: "openai/gpt-4o-mini", prompt: "Hello", max_tokens: 64 },
  "/v1/embeddings": { model: "openai/text-embedding-3-small", input: "Hello" },
  "/v1/images/generations": { model: "openai/gpt-image-1", prompt: "A cat", quality: "low", size: "1024x1024" },
  "/v1/audio/speech": { model: "openai/gpt-4o-mini-tts", input: "Hello", voice: "alloy" },
  "/v1/moderations": { model: "mistral/mistral-moderation-latest", input: "Hello" },
};

/** Walks the routes by which models are asked: there is none whose use is not metered and charged. */
export function meteredSpec(running: () => Running): void {
  const ask = async (method: string, path: string, name: string): Promise<Response> => {
    const { mesh } = running();
    const headers = { authorization: `Bearer ${mesh.demoKey}`, ...caseHeader(name) };
    const upload = (): Promise<Response> => fetch(`${mesh.edgeUrl}/v1/files`, { method: "POST", headers, body: fileForm() });
    if (method === "POST" && path === "/v1/files") return upload();
    const file = path.includes("{file}") ? ((await (await upload()).json()) as { id: string }).id : "";
    const body = method === "POST" ? JSON.stringify(BODIES[path]) : null;
    const url = mesh.edgeUrl + path.replace("{model=**}", "openai/gpt-4o-mini").replace("{file}", file);
    return fetch(url, { method, headers: { ...headers, "content-type": "application/json" }, body });
  };

  describe("the routes by which models are asked", () => {
    test.each(MODEL_ROUTES.filter(({ isFree }) => isFree === undefined))("$method $path leaves a record of what it used, and a charge", async ({ method, path }) => {
      const name = `metered${path.replaceAll("/", "-")}`;
      const answer = await ask(method, path, name);
      expect(answer.status, await answer.text()).toBe(200);
      const [record] = await running().records.of(name);
      expect(record).toMatchObject({ requestId: answer.headers.get("x-request-id"), outcome: "ATTEMPT_OUTCOME_ANSWERED" });
      expect(record?.quantities?.length).toBeGreaterThan(0);
      expect(record && costOf(record)).toBeGreaterThan(0n);
    });

    test("the others say why they are free, and leave none", async () => {
      const free = MODEL_ROUTES.filter(({ isFree }) => isFree !== undefined);
      for (const { method, path } of free) expect((await ask(method, path, "metered-free")).status, path).toBe(200);
      // Asked after them, so that theirs would be on record by now.
      await ask("POST", "/v1/chat/completions", "metered-after");
      await running().records.of("metered-after");
      expect(await running().records.of("metered-free", 0)).toEqual([]);
    });
  });
}

function fileForm(): FormData {
  const form = new FormData();
  form.set("purpose", "batch");
  form.set("file", new Blob(["{}\n"]), "in.jsonl");
  return form;
}
