import { type DryRunRequest, DryRunResponse, type EstimatePriceRequest, EstimatePriceResponse, RouteCandidate } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { EdgeRig, type Script } from "./rig.ts";

const DRY = { "x-alfred-dry-run": "true" };
const usd = (value: bigint) => ({ unit: 1, value }) as const;

/** A gateway that tells dry runs and estimates, and what it was asked. */
function recording(told: Partial<DryRunResponse> = {}): { readonly script: Script; readonly dryRuns: DryRunRequest[]; readonly estimates: EstimatePriceRequest[] } {
  const [dryRuns, estimates]: [DryRunRequest[], EstimatePriceRequest[]] = [[], []];
  const script: Script = {
    dryRun: async (request) => {
      dryRuns.push(request);
      return DryRunResponse.create({ requestId: "req_1", ...told });
    },
    estimatePrice: async (request) => {
      estimates.push(request);
      return EstimatePriceResponse.create({ requestedModel: "m", candidates: [RouteCandidate.create({ provider: "p", worstCost: usd(1_500n), leastCost: usd(0n) })], priceRevision: 7n });
    },
  };
  return { script, dryRuns, estimates };
}

describe("x-alfred-dry-run", () => {
  test.each([
    ["/v1/chat/completions", { model: "m", messages: [{ role: "user", content: "hi" }] }, { streamed: false, asked: { $case: "chat", value: { model: "m" } } }],
    ["/v1/chat/completions", { model: "m", stream: true, messages: [{ role: "user", content: "hi" }] }, { streamed: true, asked: { $case: "chat" } }],
    ["/v1/messages", { model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] }, { streamed: false, asked: { $case: "message", value: { maxTokens: 9, version: "2023-06-01" } } }],
    ["/v1/audio/speech", { model: "m", input: "hi", voice: "a" }, { streamed: true, asked: { $case: "speech", value: { input: "hi" } } }],
  ])("of %s asks nothing but what would become of %j", async (path, body, expected) => {
    const { script, dryRuns } = recording();
    await using rig = await EdgeRig.start(script);
    const headers = { ...DRY, "anthropic-version": "2023-06-01", "x-alfred-tags": "a=b" };
    const answer = await rig.send(path, { method: "POST", body: JSON.stringify(body), headers });
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("x-alfred-dry-run")]).toEqual([200, "application/json; charset=utf-8", "true"]);
    expect(dryRuns).toMatchObject([{ ...expected, call: { requestId: answer.headers.get("x-request-id"), tags: { a: "b" } } }]);
  });

  test("of a form asks with its files", async () => {
    const { script, dryRuns } = recording();
    await using rig = await EdgeRig.start(script);
    const body = new FormData();
    body.append("model", "m");
    body.append("stream", "true");
    body.append("file", new Blob(["sound"]), "speech.wav");
    expect((await rig.sendForm("/v1/audio/transcriptions", body, DRY)).status).toBe(200);
    expect(dryRuns).toMatchObject([{ streamed: true, asked: { $case: "transcription", value: { transcription: { model: "m" }, file: { filename: "speech.wav", content: Buffer.from("sound") } } } }]);
  });

  test("tells a refusal as the error that it would be, with its status", async () => {
    const metadata = { account: "team_1", unit: "usd", limit: "50", left: "30", reset: "", period: "none" };
    const refusal = { reason: "INSUFFICIENT_QUOTA", message: "It is spent.", hint: "Raise it.", metadata };
    const { script } = recording({ refusal, routeRule: { id: "smart", version: 3n }, arm: { experiment: "e", arm: "b", shadowOf: "" } });
    await using rig = await EdgeRig.start(script);
    const answer = await rig.chat({}, DRY);
    const told = { reason: "INSUFFICIENT_QUOTA", status: 402, code: "insufficient_quota", message: "It is spent.", hint: "Raise it.", details: metadata };
    expect(await answer.json()).toMatchObject({ object: "alfred.dry_run", id: "req_1", admitted: false, refusal: told, route: null, hold: null, route_rule: { id: "smart", version: 3 }, experiment: { name: "e", arm: "b" } });
    expect([answer.headers.get("x-alfred-route-rule"), answer.headers.get("x-alfred-experiment"), answer.headers.get("x-alfred-provider")]).toEqual(["smart; version=3", "e/b", null]);
  });

  test("has to be true or false", async () => {
    const { script, dryRuns } = recording();
    await using rig = await EdgeRig.start(script);
    const wrong = await rig.chat({}, { "x-alfred-dry-run": "1" });
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining("`x-alfred-dry-run` must be")]);
    // Not scripted here: it is asked as always.
    expect((await rig.chat({}, { "x-alfred-dry-run": "false" })).status).toBe(503);
    expect(dryRuns).toEqual([]);
  });

  test("is refused where there is nothing to try, so that nothing happens unasked", async () => {
    await using rig = await EdgeRig.start({ ...recording().script, listModels: async () => ({ models: [] }) });
    const count = { model: "m", messages: [{ role: "user", content: "hi" }] };
    for (const [path, body] of [["/v1/messages/count_tokens", count], ["/admin/v1/keys", { name: "a" }]] as const) {
      const answer = await rig.send(path, { method: "POST", body: JSON.stringify(body), headers: DRY });
      expect([answer.status, await answer.text()], path).toEqual([400, expect.stringContaining("There is no dry run of POST")]);
    }
    expect((await rig.send("/v1/models", { headers: DRY })).status).toBe(200);
  });

  test("of what is wrong is refused as always, in the face's own form", async () => {
    await using rig = await EdgeRig.start(recording().script);
    const answer = await rig.send("/v1/messages", { method: "POST", body: JSON.stringify({ model: "m", messages: 1 }), headers: DRY });
    expect([answer.status, await answer.json()]).toMatchObject([400, { type: "error", error: { type: "invalid_request_error" } }]);
  });
});

describe("/v1/pricing/estimate", () => {
  const post = (rig: EdgeRig, body: unknown): Promise<Response> => rig.send("/v1/pricing/estimate", { method: "POST", body: JSON.stringify(body) });

  test("takes a model and quantities, the common ones beside it", async () => {
    const { script, estimates } = recording();
    await using rig = await EdgeRig.start(script);
    const answer = await post(rig, { model: "m", input_tokens: 1_000, quantities: { web_searches: 2 } });
    expect(estimates).toMatchObject([{ subject: { $case: "usage", value: { model: "m", quantities: [{ meter: "web_searches", quantity: 2n }, { meter: "input_tokens", quantity: 1_000n }] } } }]);
    expect(await answer.json()).toMatchObject({ object: "alfred.price_estimate", model: "m", price_revision: "7", candidates: [{ provider: "p", worst_cost_usd: "0.0000015", least_cost_usd: "0" }] });
  });

  test("takes a whole request of a face, by its path", async () => {
    const { script, estimates } = recording();
    await using rig = await EdgeRig.start(script);
    expect((await post(rig, { path: "/v1/embeddings", body: { model: "m", input: "hi" } })).status).toBe(200);
    expect(estimates).toMatchObject([{ subject: { $case: "request", value: { asked: { $case: "embedding", value: { model: "m" } } } } }]);
  });

  test.each([
    ["body", []],
    ["body", { model: "m", tokens: 3 }],
    ["model", { input_tokens: 3 }],
    ["quantities", { model: "m", quantities: [] }],
    ["quantities", { model: "m", quantities: { "sk-secret-1": 1 } }],
    ["input_tokens", { model: "m", input_tokens: 1.5 }],
    ["output_tokens", { model: "m", output_tokens: -1 }],
    ["path", { path: "/v1/models", body: {} }],
    ["path", { path: "/v1/pricing/estimate", body: {} }],
    ["path", { path: "/v1/batches", body: { input_file_id: "file_1", endpoint: "/v1/chat/completions", completion_window: "24h" } }],
    ["input", { path: "/v1/embeddings", body: { model: "m", input: 7 } }],
  ])("names the field %s of %j", async (field, body) => {
    await using rig = await EdgeRig.start(recording().script);
    const answer = await post(rig, body);
    const text = await answer.text();
    expect([answer.status, text]).toEqual([400, expect.stringContaining(`\`${field}\``)]);
    expect(text).not.toContain("secret");
  });
});
