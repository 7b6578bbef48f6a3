import { describe, expect, test } from "vitest";
import { all, startSim } from "./sim-client.ts";

const model = "gpt-image-1.5";
const prompt = "A cat on a mat";

describe("images", () => {
  test("come in base64, with the tokens that their quality and size take", async () => {
    const { client } = await startSim();
    const answer = await client.images.generate({ model, prompt, n: 2, quality: "high", size: "1024x1536" });
    expect(answer.data).toHaveLength(2);
    expect(Buffer.from(answer.data?.[0]?.b64_json ?? "", "base64").subarray(1, 4).toString()).toBe("PNG");
    expect(answer.usage).toMatchObject({ input_tokens: 5, output_tokens: 12_480, total_tokens: 12_485 });
  });

  test("of older models have an address, and no usage", async () => {
    const { client } = await startSim();
    const answer = await client.images.generate({ model: "dall-e-3", prompt, quality: "hd", response_format: "url" });
    expect(answer.data).toMatchObject([{ url: expect.stringMatching(/^https:/) as unknown, revised_prompt: prompt }]);
    expect(answer.usage).toBeUndefined();
  });

  test("stream, as they come to be", async () => {
    const { client } = await startSim();
    const events = await all(await client.images.generate({ model, prompt, stream: true, partial_images: 2, quality: "low" }));
    expect(events.map(({ type }) => type)).toEqual(["image_generation.partial_image", "image_generation.partial_image", "image_generation.completed"]);
    expect(events.at(-1)).toMatchObject({ usage: { output_tokens: 472 } });
  });

  test.each([{ model, prompt, size: "1x1" }, { model, prompt, n: 11 }, { model, prompt, response_format: "url" }, { model }, { model, prompt, quality: "hd" }])("are refused for %j", async (body) => {
    const { client } = await startSim();
    await expect(client.images.generate(body as never)).rejects.toMatchObject({ status: 400 });
  });
});
