import { FieldMismatch, readEmbeddingRequest, writeEmbeddingList } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { embed, readEmbeddings } from "./embeddings.ts";

const TARGET = { baseUrl: "https://api.cohere.com/v2", secret: "co-test", model: "embed-v4.0" };

function ask(fields: object) {
  return embed(readEmbeddingRequest({ model: "e", ...fields }), TARGET);
}

// Source: https://docs.cohere.com/reference/embed
describe("embeddings", () => {
  test("are asked for as numbers, to be found unless the client says otherwise", () => {
    expect(ask({ input: "a", dimensions: 256, encoding_format: "base64", user: "u" })).toEqual({
      unsupported: [],
      request: {
        url: "https://api.cohere.com/v2/embed",
        headers: { authorization: "Bearer co-test" },
        body: { model: "embed-v4.0", input_type: "search_document", texts: ["a"], embedding_types: ["float"], output_dimension: 256 },
      },
    });
    expect(ask({ input: ["a", "b"], input_type: "search_query", truncate: "END" }).request.body).toMatchObject({ input_type: "search_query", truncate: "END", texts: ["a", "b"] });
  });

  test.each([[[1, 2]], [[[1], [2]]], [Array.from({ length: 97 }, () => "a")]])("are not made of %j", (input) => {
    expect(() => ask({ input })).toThrow(expect.objectContaining({ code: Array.isArray(input[0]) || typeof input[0] === "number" ? "FEATURE_UNSUPPORTED" : "INVALID_ARGUMENT" }));
  });

  test("are told in OpenAI's form", () => {
    const json = { id: "e1", embeddings: { float: [[0.5, -1], [0]] }, texts: ["a", "b"], meta: { api_version: { version: "2" }, billed_units: { input_tokens: 4 } } };
    expect(writeEmbeddingList(readEmbeddings(json, "e"))).toEqual({
      object: "list", model: "e", id: "e1", meta: json.meta, usage: { prompt_tokens: 4, total_tokens: 4 },
      data: [{ object: "embedding", index: 0, embedding: [0.5, -1] }, { object: "embedding", index: 1, embedding: [0] }],
    });
  });

  test.each([{}, { embeddings: { float: {} } }, { embeddings: { float: ["x"] } }, null])("are not in %j", (json) => {
    expect(() => readEmbeddings(json, "e")).toThrow(FieldMismatch);
  });
});
