import { setTimeout as pause } from "node:timers/promises";
import { MODEL_ROUTES } from "@alfred/edge";
import { describe, expect, test } from "vitest";
import { caseHeader, type Running } from "./asked.ts";
import { costOf } from "./charge.ts";
import { silence } from "./wave.ts";

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
  "/v1/batches": { endpoint: "/v1/chat/completions", completion_window: "24h" },
  "/v1/pricing/estimate": { model: "openai/gpt-4o-mini", input_tokens: 1_000, output_tokens: 100 },
  "/v1/images/edits": formOf({ model: "openai/gpt-image-1", prompt: "A cat", quality: "low", size: "1024x1024", image: new File(["PNG"], "cat.png", { type: "image/png" }) }),
  "/v1/images/variations": formOf({ model: "openai/dall-e-2", size: "256x256", image: new File(["PNG"], "cat.png", { type: "image/png" }) }),
  "/v1/audio/transcriptions": formOf({ model: "openai/whisper-1", file: silence(1) }),
  "/v1/audio/translations": formOf({ model: "openai/whisper-1", file: silence(1) }),
  "/v1/moderations": { model: "mistral/mistral-moderation-latest", input: "Hello" },
};

const PRICED = MODEL_ROUTES.filter(({ isFree }) => isFree === undefined);

function formOf(fields: Readonly<Record<string, string | File>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

/** What a batch asks. */
const LINE = { custom_id: "a", method: "POST", url: "/v1/chat/completions", body: { model: "gpt-4o-mini", messages: MESSAGES } };

/** Walks the routes by which models are asked: there is none whose use is not metered and charged. */
export function meteredSpec(running: () => Running): void {
  const ask = async (method: string, path: string, name: string, more: Readonly<Record<string, string>> = {}): Promise<Response> => {
    const { mesh } = running();
    const headers = { authorization: `Bearer ${mesh.demoKey}`, ...caseHeader(name), ...more };
    const upload = (): Promise<Response> => fetch(`${mesh.edgeUrl}/v1/files`, { method: "POST", headers, body: fileForm() });
    if (method === "POST" && path === "/v1/files") return upload();
    const file = path.includes("{file}") || path === "/v1/batches" ? await idOf(upload()) : "";
    const asked = path === "/v1/batches" && method === "POST" ? { ...BODIES[path], input_file_id: file } : method === "POST" ? BODIES[path] : undefined;
    const batch = path.includes("{batch}") ? await idOf(ask("POST", "/v1/batches", "metered-batch-before")) : "";
    const url = mesh.edgeUrl + path.replace("{model=**}", "openai/gpt-4o-mini").replace("{file}", file).replace("{batch}", batch).replace("{response_id}", stored);
    if (asked instanceof FormData) return fetch(url, { method, headers, body: asked });
    return fetch(url, { method, headers: { ...headers, "content-type": "application/json" }, body: asked === undefined ? null : JSON.stringify(asked) });
  };
  let stored = "";

  /** A batch is on record once it is over, which is found out by who asks. */
  const ended = async (id: string): Promise<void> => {
    const { mesh: { edgeUrl, demoKey } } = running();
    for (let status = ""; status !== "completed"; await pause(50)) {
      const answer = await fetch(`${edgeUrl}/v1/batches/${id}`, { headers: { authorization: `Bearer ${demoKey}` } });
      ({ status } = (await answer.json()) as { status: string });
    }
  };

  describe("the routes by which models are asked", () => {
    test.each(PRICED)("$method $path leaves a record of what it used, and a charge", async ({ method, path }) => {
      const name = `metered${path.replaceAll("/", "-")}`;
      const answer = await ask(method, path, name);
      expect(answer.status, await answer.clone().text()).toBe(200);
      const made = path === "/v1/batches" ? ((await answer.json()) as { id: string }).id : undefined;
      if (made !== undefined) await ended(made);
      const [record] = await running().records.of(name);
      expect(record).toMatchObject({ requestId: made ?? answer.headers.get("x-request-id"), outcome: "ATTEMPT_OUTCOME_ANSWERED" });
      expect(record?.quantities?.length).toBeGreaterThan(0);
      expect(record && costOf(record)).toBeGreaterThan(0n);
    });

    // Of a batch there is no dry run: its file has to be read.
    test.each(PRICED.filter(({ path }) => path !== "/v1/batches"))("$method $path tells with x-alfred-dry-run what would become of it, and leaves nothing", async ({ method, path }) => {
      const { mesh, records } = running();
      const name = `dry-run${path.replaceAll("/", "-")}`;
      const answer = await ask(method, path, name, { "x-alfred-dry-run": "true" });
      const told = (await answer.json()) as { candidates: { worst_cost_usd: string; price: unknown }[] };
      expect([answer.status, answer.headers.get("x-alfred-dry-run"), answer.headers.get("x-alfred-cost-usd")]).toEqual([200, "true", "0"]);
      expect(told).toMatchObject({ object: "alfred.dry_run", admitted: true, refusal: null, model_allowed: true, hold: { granted: true, denial: null } });
      expect(Number(answer.headers.get("x-alfred-worst-cost-usd"))).toBeGreaterThan(0);
      expect(Number(told.candidates[0]?.worst_cost_usd)).toBeGreaterThan(0);
      expect((await ask(method, path, name, { "x-alfred-dry-run": "yes" })).status).toBe(400);
      // Asked after it, so that its record would be there by now.
      const after = await ask("POST", "/v1/embeddings", `${name}-after`);
      await records.of(`${name}-after`);
      expect(await records.of(name, 0)).toEqual([]);
      const called = new Set(mesh.provider.requests.entries().map(({ headers }) => headers["x-client-request-id"]));
      expect([after, answer].map(({ headers }) => called.has(headers.get("x-request-id") ?? ""))).toEqual([true, false]);
    });

    test("the others say why they are free, and leave none", async () => {
      stored = ((await (await ask("POST", "/v1/responses", "metered-stored")).json()) as { id: string }).id;
      const free = MODEL_ROUTES.filter(({ isFree }) => isFree !== undefined);
      for (const { method, path } of free) expect((await ask(method, path, "metered-free")).status, path).toBe(200);
      // Asked after them, so that theirs would be on record by now.
      await ask("POST", "/v1/chat/completions", "metered-after");
      await running().records.of("metered-after");
      expect(await running().records.of("metered-free", 0)).toEqual([]);
    });
  });
}

async function idOf(answer: Promise<Response>): Promise<string> {
  return ((await (await answer).json()) as { id: string }).id;
}

function fileForm(): FormData {
  const form = new FormData();
  form.set("purpose", "batch");
  form.set("file", new Blob([JSON.stringify(LINE)]), "in.jsonl");
  return form;
}
