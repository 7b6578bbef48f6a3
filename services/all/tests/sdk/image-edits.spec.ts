import OpenAI, { RateLimitError } from "openai";
import { describe, expect, test } from "vitest";
import { caseHeader, type Running, thrownBy } from "./asked.ts";
import { costOf, expectCharged } from "./charge.ts";
import type { UsageRecord } from "./records.ts";

const picture = (name = "cat.png"): File => new File(["PNG"], name, { type: "image/png" });

/** What OpenAI's official client for Node can have made of images. */
export function imageEditsSpec(running: () => Running): void {
  const client = (name: string): OpenAI =>
    new OpenAI({ apiKey: running().mesh.demoKey, baseURL: `${running().mesh.edgeUrl}/v1`, maxRetries: 0, defaultHeaders: caseHeader(name) });
  const refused = (fields: object): Promise<unknown> =>
    thrownBy(client("refused").images.edit({ model: "openai/gpt-image-1.5", prompt: "A hat", image: picture(), ...fields } as never));

  describe.each(["openai", "azure"])("images of images at %s", (provider) => {
    const model = `${provider}/gpt-image-1.5`;

    test("are drawn", async () => {
      const name = `edits-${provider}`;
      const images = [picture(), picture("hat.png")];
      const { data, response } = await client(name).images.edit({ model, prompt: "With a hat", image: images, mask: picture("mask.png"), quality: "low", size: "1024x1024", n: 2 }).withResponse();
      expect(data).toMatchObject({ data: [{ b64_json: expect.any(String) as unknown }, {}], usage: { input_tokens: 585, output_tokens: 544, input_tokens_details: { image_tokens: 582 } } });
      await expectCharged(running().records, name, provider, [{ input: 585, output: 544, costUsd: response.headers.get("x-alfred-cost-usd") }]);
      expect((await running().records.of(name))[0]).toMatchObject({ operation: "image_edit", quantities: expect.arrayContaining([{ meter: "input_image_tokens", quantity: "582" }]) as unknown });
    });

    test("stream", async () => {
      const name = `edits-${provider}-stream`;
      const events = await Array.fromAsync(await client(name).images.edit({ model, prompt: "A hat", image: picture(), quality: "low", partial_images: 1, stream: true }));
      expect(events.map(({ type }) => type)).toEqual(["image_edit.partial_image", "image_edit.completed"]);
      await expectCharged(running().records, name, provider, [{ input: 196, output: 372 }]);
    });
  });

  test("variations cost what the operator says of an image", async () => {
    const name = "edits-variation";
    const { data } = await client(name).images.createVariation({ model: "openai/dall-e-2", image: picture(), n: 2, size: "256x256" });
    expect(data).toHaveLength(2);
    const [record] = await running().records.of(name);
    expect(record).toMatchObject({ operation: "image_variation", source: "USAGE_SOURCE_REPORTED", quantities: expect.arrayContaining([{ meter: "images_256x256", quantity: "2" }]) as unknown });
    expect(costOf(record as UsageRecord)).toBe(32_000_000n);
  });

  test("what cannot be drawn is a typed error", async () => {
    expect(await refused({ prompt: "[[sim: status=429]]" })).toBeInstanceOf(RateLimitError);
    expect(await refused({ image: undefined })).toMatchObject({ status: 400, code: "invalid_argument", param: "image" });
    expect(await refused({ image: Array.from({ length: 17 }, () => picture()) })).toMatchObject({ status: 400, param: "image" });
    expect(await refused({ markup: picture() })).toMatchObject({ status: 400, param: "markup" });
    expect(await refused({ n: "two" })).toMatchObject({ status: 400, param: "n" });
    expect(await refused({ prompt: "" })).toMatchObject({ status: 400, param: "prompt" });
    expect(await refused({ output_format: "svg" })).toMatchObject({ status: 400, param: "output_format" });
    expect(await refused({ model: "anthropic/claude-haiku-4-5" })).toMatchObject({ code: "feature_unsupported" });
    expect(await thrownBy(client("refused").images.createVariation({ model: "openai/dall-e-2", image: picture(), prompt: "x" } as never))).toMatchObject({ status: 400, param: "prompt" });
    const stream = await client("refused").images.edit({ model: "openai/gpt-image-1.5", image: picture(), prompt: "[[sim: cut_after=1]]", partial_images: 3, stream: true });
    expect(await thrownBy(Array.fromAsync(stream))).toMatchObject({ code: "provider_stream_broken" });
  });
}
