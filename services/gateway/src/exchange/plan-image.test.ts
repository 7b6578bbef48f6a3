import { type ImageRequest, MediaUsage, ModelPrice } from "@alfred/contracts";
import { readImageRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { StreamedText } from "../domain/streamed-text.ts";
import type { ProviderKind } from "../domain/route.ts";
import type { ImageSources } from "../providers/dialect.ts";
import { tokenUsageOf } from "../media/usage.ts";
import { Tokenizer } from "../tokens/tokenizer.ts";
import { brokenConsumption, consumption } from "./outcome.ts";
import { planImage } from "./plan-image.ts";
import type { Plan } from "./plan.ts";

/** Dollars for a million tokens, or for an image. */
type Prices = Readonly<Record<string, number>>;
const BY_TOKENS: Prices = { input_tokens: 5, output_tokens: 10, output_image_tokens: 32 };

function plan(fields: Readonly<Record<string, unknown>>, prices = BY_TOKENS, kind: ProviderKind = "openai"): Plan {
  const { image, stream } = readImageRequest({ model: "m", prompt: "A cat", ...fields });
  const meters = Object.entries(prices).map(([meter, usd]) => ({ meter, nanos: BigInt(usd) * 1_000_000_000n, per: meter.startsWith("images") ? 1n : 1_000_000n, tiers: [] }));
  const upstream = { id: kind, kind, baseUrl: "https://api.test", secret: "s", priceBook: kind };
  return planImage(image, { upstream, model: "n", price: ModelPrice.create({ meters }) }, stream);
}

function planOf(image: ImageRequest, sources: ImageSources): Plan {
  const meters = Object.entries({ ...BY_TOKENS, input_image_tokens: 8 }).map(([meter, usd]) => ({ meter, nanos: BigInt(usd) * 1_000_000_000n, per: 1_000_000n, tiers: [] }));
  const upstream = { id: "openai", kind: "openai", baseUrl: "https://api.test", secret: "s", priceBook: "openai" } as const;
  return planImage(image, { upstream, model: "gpt-image-1", price: ModelPrice.create({ meters }) }, false, sources);
}

const used = (planned: Plan, usage?: Parameters<typeof tokenUsageOf>[0]) => consumption(new Tokenizer(), planned, usage && tokenUsageOf(usage), new StreamedText());

describe("images", () => {
  test("of others go as a form, and are held for with what is seen", async () => {
    const sources = { operation: "image_edit", files: [{ field: "image", filename: "a.png", contentType: "image/png", content: Buffer.from("PNG") }] } as const;
    const { image } = readImageRequest({ model: "m", prompt: "A hat", quality: "low", size: "1024x1024", n: 2 });
    const planned = planOf(image, sources);
    expect(planned.request).toMatchObject({ url: "https://api.test/images/edits", form: "image" });
    const form = Buffer.concat(planned.request.upload?.pieces ?? []).toString();
    for (const said of ['name="n"\r\n\r\n2', 'name="image"; filename="a.png"\r\ncontent-type: image/png\r\n\r\nPNG']) expect(form).toContain(said);
    expect(planned.bound.usage).toMatchObject({ inputTokens: BigInt(planned.body.length + 65 + 6_240 + 16 * 129), inputMeters: expect.arrayContaining(["input_image_tokens"]) as unknown });
    expect([planned.operation, planned.asked() === planOf(image, { ...sources, files: [] }).asked()]).toEqual(["image_edit", false]);
    expect((await used(planned)).charge.nanos).toBeLessThanOrEqual(planned.worst.nanos);
    const variation = planOf({ ...image, prompt: "" }, { ...sources, operation: "image_variation" });
    expect([variation.request.url, variation.request.body]).toEqual(["https://api.test/images/variations", expect.not.stringContaining("prompt")]);
  });

  test("go as they are", () => {
    const { request } = plan({ size: "1024x1024", unknown: 1, stream: true });
    expect(request).toMatchObject({ url: "https://api.test/images/generations", form: "image" });
    expect(JSON.parse(request.body)).toEqual({ model: "n", prompt: "A cat", size: "1024x1024", unknown: 1, stream: true });
  });

  test.each([
    [{ quality: "low", size: "1024x1024" }, 272n + 1_024n],
    [{ quality: "high", size: "1024x1536", n: 2 }, 2n * (6_240n + 1_024n)],
    [{}, 6_240n + 1_024n],
    [{ quality: "low", size: "1024x1024", partial_images: 3, stream: true }, 572n + 1_024n],
    [{ quality: "low", size: "1024x1024", output_format: "gif" }, 9n * 272n + 1_024n],
    [{ quality: "low", size: "2048x2048" }, 4n * 272n + 1_024n],
  ])("that are priced by the token are held for %j at the dearest meter", (fields, tokens) => {
    const planned = plan(fields);
    expect(planned.bound.usage.outputTokens).toBe(tokens);
    expect(planned.worst.nanos).toBeGreaterThanOrEqual(tokens * 32_000n);
  });

  test("cost what is reported, and what is held where nothing is", async () => {
    const planned = plan({ quality: "low", size: "1024x1024" });
    const reported = await used(planned, MediaUsage.create({ inputTokens: 10n, outputTokens: 296n, totalTokens: 306n, outputTokensDetails: { textTokens: 24n, imageTokens: 272n } }));
    expect(reported.charge.nanos).toBe(10n * 5_000n + 24n * 10_000n + 272n * 32_000n);
    const { quantities, charge } = await used(planned);
    expect(quantities).toEqual(expect.arrayContaining([{ meter: "output_image_tokens", quantity: 1_296n }]));
    expect(charge.nanos).toBeLessThanOrEqual(planned.worst.nanos);
  });

  test.each([
    [{ quality: "hd", size: "1024x1792" }, "images_hd_1024x1792", 4n],
    [{ quality: "hd", size: "1024x1024" }, "images_1024x1024", 2n],
    [{}, "images", 1n],
  ])("that are priced by the image are priced as %j", async (fields, meter, usd) => {
    const planned = plan({ n: 3, ...fields }, { images: 1, images_1024x1024: 2, images_hd_1024x1792: 4 });
    expect(planned.bound.usage.beside).toEqual([{ meter, quantity: 3n }]);
    expect(planned.worst).toEqual({ nanos: 3n * usd * 1_000_000_000n, tokens: 0n });
    expect((await brokenConsumption(new Tokenizer(), planned, undefined, new StreamedText())).charge.nanos).toBe(planned.worst.nanos);
    const two = await consumption(new Tokenizer(), planned, undefined, new StreamedText(), undefined, [{ meter, quantity: 2n }]);
    expect(two.charge.nanos).toBe(2n * usd * 1_000_000_000n);
  });

  test("of a size that has no price are refused", () => {
    expect(() => plan({ size: "512x512" }, { images_1024x1024: 2 })).toThrow(expect.objectContaining({ code: "PRICE_UNKNOWN" }));
  });

  test.each([[{ n: 11 }, "n"], [{ output_format: "svg" }, "output_format"], [{ svg: { model: "x" } }, "output_format"]])("are refused for %j", (fields, field) => {
    expect(() => plan(fields)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field } }));
  });

  test.each(["anthropic", "gemini", "cohere", "mistral"] as const)("are nothing that %s draws", (kind) => {
    expect(() => plan({}, BY_TOKENS, kind)).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED" }));
  });
});
