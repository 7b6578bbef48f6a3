import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EdgeRig } from "./rig.ts";

const CANARY = "sk-canary-1234567";

/** What a client sends wrongly, with a secret in it, and which field the refusal has to name. */
const WRONG: readonly [path: string, field: string, body: unknown][] = [
  ["/v1/chat/completions", "model", { model: { name: CANARY }, messages: [] }],
  ["/v1/chat/completions", "messages", { model: "m", messages: CANARY }],
  ["/v1/chat/completions", "temperature", { model: "m", messages: [{ role: "user", content: "a" }], temperature: CANARY }],
  ["/v1/chat/completions", "stream", { model: "m", messages: [{ role: "user", content: "a" }], stream: CANARY }],
  ["/v1/chat/completions", "tools[0]", { model: "m", messages: [{ role: "user", content: "a" }], tools: [CANARY] }],
  ["/v1/completions", "n", { model: "m", prompt: "a", n: CANARY }],
  ["/v1/embeddings", "input[1]", { model: "m", input: [1, CANARY] }],
  ["/v1/moderations", "model", { model: [CANARY], input: "a" }],
  ["/v1/images/generations", "n", { model: "m", prompt: "a", n: CANARY }],
  ["/v1/audio/speech", "voice", { model: "m", input: "a", voice: [CANARY] }],
  ["/v1/responses", "max_output_tokens", { model: "m", input: "a", max_output_tokens: CANARY }],
  ["/v1/messages", "max_tokens", { model: "m", max_tokens: CANARY, messages: [] }],
  ["/v1/messages", "messages[0].role", { model: "m", max_tokens: 1, messages: [{ role: CANARY.repeat(40), content: "a" }] }],
  ["/v1/messages/count_tokens", "messages[0].content", { model: "m", messages: [{ role: "user", content: 1 }], system: { a: CANARY } }],
  ["/admin/v1/keys", "role", { name: "a", role: CANARY }],
  ["/admin/v1/teams", "nome", { nome: CANARY }],
];

describe("a refusal", () => {
  let rig: EdgeRig;
  beforeAll(async () => {
    rig = await EdgeRig.start({});
  });
  afterAll(() => rig?.[Symbol.asyncDispose]());

  test.each(WRONG)("of %s names the field %s, and repeats nothing that was sent", async (path, field, body) => {
    const answer = await rig.send(path, { method: "POST", body: JSON.stringify(body) });
    const text = await answer.text();
    expect(answer.status).toBe(400);
    expect(text).toContain(`\`${field}\``);
    expect(text).not.toContain("canary");
  });

  test.each(["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/moderations", "/v1/images/generations", "/v1/audio/speech", "/v1/responses", "/v1/messages", "/admin/v1/keys"])(
    "of a body for %s that is no JSON tells where it breaks, and not what it says",
    async (path) => {
        for (const body of [`{"secret": ${CANARY}}`, CANARY, `{\n"a": "${CANARY}`, `{"a": 12345678901234567890, "b": ${CANARY}}`]) {
        const answer = await rig.send(path, { method: "POST", body });
        const text = await answer.text();
        expect(answer.status).toBe(400);
        expect(text).toMatch(/at line \d+, column \d+, there must be /);
        expect(text).not.toContain("canary");
      }
    },
  );

  test.each([["/v1/audio/transcriptions", "stream"], ["/v1/audio/transcriptions", "temperature"], ["/v1/audio/translations", "temperature"], ["/v1/audio/transcriptions", "file"]])("of a form for %s names the field %s, and repeats nothing that was sent", async (path, field) => {
    const body = new FormData();
    for (const [name, value] of [["model", "m"], [field, CANARY]] as const) body.append(name, value);
    const answer = await rig.sendForm(path, body);
    const text = await answer.text();
    expect(answer.status).toBe(400);
    expect(text).toContain(`\`${field}\``);
    expect(text).not.toContain("canary");
  });

  test.each(["/v1/audio/transcriptions", "/v1/audio/translations"])("of a body for %s that is no form says what is wrong", async (path) => {
    const type = "multipart/form-data; boundary=B";
    const answers = [[415, "application/json", "{}"], [415, "multipart/form-data", ""], [400, type, "--B\r\n"], [400, type, `--B\r\ncontent-disposition: form-data\r\n\r\n${CANARY}\r\n--B--`], [413, type, "x".repeat(33 * 1024 * 1024)]] as const;
    for (const [status, contentType, body] of answers) {
      const answer = await rig.send(path, { method: "POST", body, headers: { "content-type": contentType } });
      const { error } = (await answer.json()) as { error: { message: string; hint: string } };
      expect([answer.status, error.hint === ""], error.message).toEqual([status, false]);
      expect(error.message).not.toContain("canary");
    }
  });

  test("of Anthropic's headers names the header", async () => {
    const body = JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "a" }] });
    for (const [name, value] of [["anthropic-version", CANARY], ["anthropic-beta", `${CANARY} b`], ["anthropic-beta", "a,".repeat(33)]] as const) {
      const answer = await rig.send("/v1/messages", { method: "POST", body, headers: { [name]: value } });
      const text = await answer.text();
      expect([answer.status, text.includes("canary")]).toEqual([400, false]);
      expect(text).toContain(`\`${name}\` must be `);
    }
  });

  test("of a type or an encoding does not repeat it", async () => {
    for (const headers of [{ "content-type": CANARY }, { "content-encoding": CANARY }]) {
      const answer = await rig.send("/v1/embeddings", { method: "POST", body: "{}", headers });
      expect([answer.status, (await answer.text()).includes("canary")]).toEqual([415, false]);
    }
  });

  test("of fields in the address of a call that takes a body names no value of them", async () => {
    const answer = await rig.send(`/admin/v1/providers/mine?secret=${CANARY}`, { method: "PUT", body: "{}" });
    const text = await answer.text();
    expect([answer.status, text.includes("canary")]).toEqual([400, false]);
    expect(text).toContain("from the body alone");
  });
});
