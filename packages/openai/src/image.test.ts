import { ImageList, ImageRequest } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { readImageEvent, readImageList, readImageRequest, writeImageEvent, writeImageList, writeImageRequest } from "./index.ts";

describe("images", () => {
  test.each([
    { n: 2, size: "1024x1024", quality: "high", background: "opaque", output_format: "webp", output_compression: 50, partial_images: 1, moderation: "low", user: "u" },
    { response_format: "b64_json", style: "vivid", unknown: { z: 1 }, n: null, frame_count: 3 },
  ])("are asked for as they were: %j", (fields) => {
    const { image, stream } = readImageRequest({ model: "m", prompt: "p", stream: true, ...fields });
    const sent = ImageRequest.decode(ImageRequest.encode(image).finish());
    expect(writeImageRequest(sent, { model: "n", stream })).toEqual({ model: "n", prompt: "p", stream: true, ...fields });
  });

  test.each([[{ model: "m" }, "prompt"], [{ prompt: "p" }, "model"], [{ model: "m", prompt: "p", n: "two" }, "n"], [{ model: "m", prompt: "p", stream: 1 }, "stream"]])("are refused for %j", (body, field) => {
    expect(() => readImageRequest(body)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field } }));
  });

  test("come as they were", () => {
    const usage = { total_tokens: 9, input_tokens: 4, output_tokens: 5, input_tokens_details: { text_tokens: 4, image_tokens: 0 }, output_tokens_details: { image_tokens: 5 }, more: 1 };
    const list = { created: 1, data: [{ b64_json: "AA==" }, { url: "https://x.test", revised_prompt: "q" }], usage, size: "1024x1024" };
    expect(writeImageList(ImageList.decode(ImageList.encode(readImageList(list)).finish()))).toEqual(list);
    const event = { type: "image_generation.completed", b64_json: "AA==", partial_image_index: 0, usage, created_at: 1 };
    expect(writeImageEvent(readImageEvent(event))).toEqual(event);
  });
});
