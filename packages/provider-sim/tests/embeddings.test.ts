import { describe, expect, test } from "vitest";
import { startSim } from "./sim-client.ts";

const MODEL = "text-embedding-3-small";

function length(vector: readonly number[]): number {
  return Math.hypot(...vector);
}

describe("embeddings", () => {
  test("unit vectors, the same for the same text, alike as floats and base64", async () => {
    const { client } = await startSim();
    const floats = await client.embeddings.create({ model: MODEL, input: ["one", "two", "one"], encoding_format: "float" });
    // Without a format the client asks for base64 and decodes it itself.
    const decoded = await client.embeddings.create({ model: MODEL, input: ["one", "two", "one"] });
    const [one, two, again] = floats.data.map(({ embedding }) => embedding);
    expect(one).toHaveLength(1_536);
    expect(length(one ?? [])).toBeCloseTo(1, 5);
    expect(again).toEqual(one);
    expect(two).not.toEqual(one);
    expect(decoded.data).toEqual(floats.data);
    expect(floats.data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(floats.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  });

  test("base64 is little-endian 32-bit floats", async () => {
    const { client } = await startSim();
    const answer = await client.embeddings.create({ model: MODEL, input: "one", dimensions: 3, encoding_format: "base64" });
    const text = String(answer.data[0]?.embedding);
    expect(Buffer.from(text, "base64")).toHaveLength(12);
  });

  test("fewer dimensions keep the direction of the first ones", async () => {
    const { client } = await startSim();
    const embed = async (dimensions?: number) => {
      const input = { model: MODEL, input: "one", encoding_format: "float", ...(dimensions ? { dimensions } : {}) } as const;
      return (await client.embeddings.create(input)).data[0]?.embedding ?? [];
    };
    const [whole, short] = [await embed(), await embed(8)];
    expect(short).toHaveLength(8);
    const scale = (short[0] ?? 0) / (whole[0] ?? 1);
    short.forEach((component, index) => expect(component).toBeCloseTo((whole[index] ?? 0) * scale, 5));
  });

  test("lists of token numbers count as they are", async () => {
    const { client } = await startSim();
    const answer = await client.embeddings.create({ model: MODEL, input: [[1, 2, 3], [4]], dimensions: 2 });
    expect(answer.data).toHaveLength(2);
    expect(answer.usage.total_tokens).toBe(4);
  });

  test.each([
    [{ input: "" }, "input"],
    [{ input: [] }, "input"],
    [{ input: [{}] }, "input"],
    [{ input: "x", dimensions: 0 }, "dimensions"],
    [{ input: "x", dimensions: 2_000 }, "dimensions"],
    [{ input: "x", encoding_format: "hex" }, "encoding_format"],
    [{}, "input"],
  ])("%j is a 400 about %s", async (fields, param) => {
    const { url } = await startSim();
    const answer = await fetch(`${url}/v1/embeddings`, { method: "POST", body: JSON.stringify({ model: MODEL, ...fields }) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: "invalid_request_error", param } });
  });

  test("a directive in the first text is obeyed", async () => {
    const { client } = await startSim();
    const failing = client.embeddings.create({ model: MODEL, input: "[[sim: status=503]] text" });
    await expect(failing).rejects.toMatchObject({ status: 503 });
  });
});
