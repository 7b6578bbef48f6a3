import { InternalServerError } from "openai";
import { describe, expect, test } from "vitest";
import { LARGE_INTEGER } from "../src/index.ts";
import { chatBody, postRaw, rawText } from "./raw-client.ts";
import { startSim, user } from "./sim-client.ts";

const MODEL = "sim-chat";

describe("which attempts fail", () => {
  test("fail_first fails that many attempts of the same request", async () => {
    const { client, sim } = await startSim();
    const retrying = client.withOptions({ maxRetries: 3 });
    const messages = user("Hi [[sim: fail_first=2 status=503 retry_after_s=0]]");
    const completion = await retrying.chat.completions.create({ model: MODEL, messages });
    expect(completion.choices[0]?.message.content).toBe("You said: Hi");
    const record = [...sim.requests].map(({ attempt, status, fault }) => [attempt, status, fault]);
    expect(record).toEqual([[1, 503, "status"], [2, 503, "status"], [3, 200, null]]);
  });

  test("fail_key tells requests apart and holds attempts together", async () => {
    const { url } = await startSim();
    const status = async (key: string, text: string) => {
      const answer = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "x-sim-fail-first": "1", "x-sim-fail-key": key },
        body: chatBody(text),
      });
      return answer.status;
    };
    expect([await status("a", "x"), await status("a", "y"), await status("b", "x")]).toEqual([500, 200, 500]);
  });

  test("fail_first picks the fault that is named: a reset, then an answer", async () => {
    const { url } = await startSim();
    const body = chatBody("Hi [[sim: fail_first=1 reset]]");
    expect(await postRaw(url, body)).toMatchObject({ error: "ECONNRESET", head: "" });
    expect(await postRaw(url, body)).toMatchObject({ error: undefined, complete: true });
  });

  test("error_rate draws from the seed, so that the same order fails the same", async () => {
    const statuses = async (seed: number) => {
      const { url } = await startSim({ seed, behaviour: { errorRate: 0.5 } });
      const list: number[] = [];
      for (let count = 0; count < 20; count += 1) list.push((await fetch(`${url}/v1/models`)).status);
      return list;
    };
    const first = await statuses(7);
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await statuses(7)).toEqual(first);
    expect(await statuses(8)).not.toEqual(first);
  });
});

describe("connections", () => {
  test("a stall answers nothing and ends with the simulator", async () => {
    const { url, sim } = await startSim();
    const asking = postRaw(url, chatBody("[[sim: stall]]"));
    await sim.requests.waitFor(({ fault }) => fault === "stall");
    await sim[Symbol.asyncDispose]();
    expect(await asking).toMatchObject({ head: "" });
    expect(sim.requests.last).toMatchObject({ status: null, clientDisconnected: false });
  });

  test("refused until it listens again", async () => {
    const { url, sim } = await startSim();
    await sim.refuse();
    expect((await postRaw(url, chatBody("Hi"))).error).toBe("ECONNREFUSED");
    await sim.listen("127.0.0.1", Number(new URL(url).port));
    expect((await postRaw(url, chatBody("Hi"))).complete).toBe(true);
  });

  test("an answer under way is let finish when the simulator is disposed of", async () => {
    const { client, sim } = await startSim();
    const asking = client.chat.completions.create({ model: MODEL, messages: user("[[sim: delay_ms=50]] Hi") });
    await sim.requests.waitFor(({ model }) => model === MODEL);
    await sim[Symbol.asyncDispose]();
    expect((await asking).choices[0]?.message.content).toBe("You said: Hi");
  });

  test("a port in use is told", async () => {
    const { url } = await startSim();
    const { sim } = await startSim();
    await sim.refuse();
    await expect(sim.listen("127.0.0.1", Number(new URL(url).port))).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

describe("JSON bodies", () => {
  test("cut half-way", async () => {
    const { url, sim } = await startSim();
    const answer = await postRaw(url, chatBody("[[sim: cut_after=1]]"));
    expect(answer.head).toContain("200 OK");
    expect(answer.complete).toBe(false);
    expect(rawText(answer)).toContain(`"object":"chat.completion"`);
    expect(sim.requests.last).toMatchObject({ fault: "cutAfter", clientDisconnected: false });
  });

  test("broken JSON under a correct length", async () => {
    const { url } = await startSim();
    const answer = await postRaw(url, chatBody("[[sim: malformed_after=0]]"));
    expect(answer.complete).toBe(true);
    expect(() => JSON.parse(rawText(answer)) as unknown).toThrow(SyntaxError);
  });

  test.each([["", 200], ["status=502", 502]])("an HTML page (%s)", async (status, expected) => {
    const { url } = await startSim();
    for (const stream of [false, true]) {
      const answer = await postRaw(url, chatBody(`[[sim: non_json ${status}]]`, { stream }));
      expect(answer.head).toContain(`HTTP/1.1 ${expected}`);
      expect(answer.head).toContain("Content-Type: text/html");
      expect(rawText(answer)).toContain("<html>");
    }
  });

  test("unknown fields, a 64-bit integer and nulls at every level", async () => {
    const { url } = await startSim();
    const text = rawText(await postRaw(url, chatBody("[[sim: extras]]")));
    const objects = text.split(`"sim_integer":${LARGE_INTEGER}`).length - 1;
    expect(objects).toBe(6);
    const answer = JSON.parse(text) as { choices: { message: object }[]; usage: object };
    for (const level of [answer, answer.choices[0], answer.choices[0]?.message, answer.usage]) {
      expect(level).toMatchObject({ sim_null: null, sim_nested: { empty: [] } });
    }
  });

  test("unknown fields in errors, models and embeddings", async () => {
    const { url } = await startSim({ behaviour: { extras: true } });
    const body = JSON.stringify({ model: "m", input: "x", dimensions: 2 });
    const answers = [
      await fetch(`${url}/v1/models`),
      await fetch(`${url}/v1/embeddings`, { method: "POST", body }),
      await fetch(`${url}/v1/models`, { headers: { "x-sim-status": "500" } }),
    ];
    for (const answer of answers) expect(await answer.text()).toContain(`"sim_integer":${LARGE_INTEGER}`);
  });

  test("padding", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({ model: MODEL, messages: user("Hi [[sim: oversized_bytes=100000]]") });
    expect(Reflect.get(completion, "sim_padding")).toHaveLength(100_000);
    expect(completion.choices[0]?.message.content).toBe("You said: Hi");
  });

  test("pieces of an odd size join to the whole", async () => {
    const { client } = await startSim();
    const completion = await client.chat.completions.create({ model: MODEL, messages: user("漢字🙂 [[sim: split_bytes=3]]") });
    expect(completion.choices[0]?.message.content).toBe("You said: 漢字🙂");
  });

  test("headers ask for faults as directives do", async () => {
    const { client } = await startSim();
    const request = { model: MODEL, messages: user("Hi") };
    const asking = client.chat.completions.create(request, { headers: { "x-sim-status": "503" } });
    await expect(asking).rejects.toThrow(InternalServerError);
  });
});
