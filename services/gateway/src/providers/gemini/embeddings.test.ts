import { FieldMismatch, readEmbeddingRequest, writeEmbeddingList } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { embed, readEmbeddings } from "./embeddings.ts";

const TARGET = { baseUrl: "https://generativelanguage.googleapis.com/v1beta", secret: "AIza-test", model: "gemini-embedding-001" };

function ask(fields: object) {
  const request = readEmbeddingRequest({ model: "e", ...fields });
  return embed(request, TARGET);
}

// Source: https://ai.google.dev/api/embeddings
describe("embeddings", () => {
  test("are asked for in one batch", () => {
    const asked = ask({ input: ["a", "b"], dimensions: 256, encoding_format: "base64", user: "u", taskType: "RETRIEVAL_QUERY" });
    const each = { model: "models/gemini-embedding-001", outputDimensionality: 256, taskType: "RETRIEVAL_QUERY" };
    expect(asked.request).toEqual({
      url: `${TARGET.baseUrl}/models/gemini-embedding-001:batchEmbedContents`,
      headers: { "x-goog-api-key": "AIza-test" },
      body: { requests: [{ ...each, content: { parts: [{ text: "a" }] } }, { ...each, content: { parts: [{ text: "b" }] } }] },
    });
    expect(asked.unsupported).toEqual([]);
    expect(ask({ input: "a" }).request.body).toEqual({ requests: [{ model: "models/gemini-embedding-001", content: { parts: [{ text: "a" }] } }] });
  });

  test.each([[[1, 2]], [[[1], [2]]], [Array.from({ length: 101 }, () => "a")]])("are not made of %j", (input) => {
    expect(() => ask({ input })).toThrow(expect.objectContaining({ code: Array.isArray(input[0]) || typeof input[0] === "number" ? "FEATURE_UNSUPPORTED" : "INVALID_ARGUMENT" }));
  });

  test("are told in OpenAI's form", () => {
    const json = { embeddings: [{ values: [0.5, -1] }, { values: [] }], usageMetadata: { promptTokenCount: 3 } };
    expect(writeEmbeddingList(readEmbeddings(json, "e"))).toEqual({
      object: "list", model: "e", usage: { prompt_tokens: 3, total_tokens: 3 },
      data: [{ object: "embedding", index: 0, embedding: [0.5, -1] }, { object: "embedding", index: 1, embedding: [] }],
    });
    expect(readEmbeddings({ embeddings: [] }, "e").usage).toBeUndefined();
  });

  test.each([{}, { embeddings: {} }, { embeddings: [{}] }, { embeddings: [{ values: ["x"] }] }, null])("are not in %j", (json) => {
    expect(() => readEmbeddings(json, "e")).toThrow(FieldMismatch);
  });
});
