import { AlfredError } from "@alfred/errors";
import { parseJson } from "@alfred/openai";
import { contractDescriptors } from "@alfred/rpc";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { type RequestParts, requestMessage } from "./request-message.ts";

const { registry } = contractDescriptors();

function read(name: string, parts: Partial<RequestParts>): unknown {
  const message = registry.getMessage(`alfred.v1.${name}`);
  if (message === undefined) throw new Error(`There is no message ${name}.`);
  const bytes = requestMessage(message, { params: {}, query: new URLSearchParams(), requestId: "req_1", ...parts }, registry);
  return toJson(message, fromBinary(message, bytes), { registry });
}

function refusal(name: string, parts: Partial<RequestParts>): AlfredError {
  try {
    read(name, parts);
  } catch (error) {
    if (error instanceof AlfredError) return error;
    throw error;
  }
  throw new Error("It was taken.");
}

describe("a request message", () => {
  test("is read from path and body where there is a body, and from path and query where there is none", () => {
    const body = { kind: "PROVIDER_KIND_OPENAI", base_url: "https://a.example", secret: "s" };
    expect(read("PutProviderRequest", { body, params: { provider_id: "mine" } })).toEqual({
      requestId: "req_1", providerId: "mine", kind: "PROVIDER_KIND_OPENAI", baseUrl: "https://a.example", secret: "s",
    });
    const query = new URLSearchParams("kind=ACCOUNT_KIND_TEAM&page_size=7");
    expect(read("ListNodesRequest", { query })).toEqual({ kind: "ACCOUNT_KIND_TEAM", pageSize: 7 });
  });

  test("takes nothing from the query beside a body, known or not", () => {
    for (const query of ["secret=sk-canary", "baseUrl=https://sk-canary", "request_id=sk-canary", "sk-canary"]) {
      const error = refusal("PutProviderRequest", { body: {}, query: new URLSearchParams(query) });
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: "This call reads its fields from the body alone, and none from the query." });
      expect(error.hint).toContain("replace it");
    }
  });

  test.each([
    ["PutProviderRequest", { secret: 123456789 }, "secret", "must be a string of valid Unicode"],
    ["PutProviderRequest", { kind: "sk-canary" }, "kind", "must be one of PROVIDER_KIND_OPENAI, "],
    ["PutProviderRequest", { baseUrl: { a: "sk-canary" } }, "baseUrl", "must be a string of valid Unicode"],
    ["PutProviderRequest", { key: "sk-canary" }, "key", "is not known here; there are requestId, providerId, kind, "],
    ["PutProviderRequest", { "sk-canary": 1 }, undefined, "The request has a field that is not known here; there are requestId, "],
    ["PutProviderRequest", { base_url: "https://a.example", baseUrl: "sk-canary" }, "baseUrl", "stands twice, under both of its names"],
    ["CreateKeyRequest", { limits: "sk-canary" }, "limits", "must be a list"],
    ["CreateKeyRequest", { limits: [{ hard: "1" }, { hard: "sk-canary" }] }, "limits[1].hard", "must be an integer of 64 bits, as a string"],
    ["CreateKeyRequest", { limits: [{ unit: "sk-canary" }] }, "limits[0].unit", "must be one of UNIT_USD, "],
    ["CreateKeyRequest", { limits: [{ hart: "sk-canary" }] }, "limits[0].hart", "is not known here; there are unit, period, hard, soft, clamp"],
    ["CreateKeyRequest", { limits: ["sk-canary"] }, "limits[0]", "must be an object"],
    ["CreateKeyRequest", { allowedModels: ["gpt-4o", 123456789] }, "allowedModels[1]", "must be a string of valid Unicode"],
    ["CreateKeyRequest", { requestsPerMinute: 123456789.5 }, "requestsPerMinute", "must be an integer of 32 bits"],
    ["CreateKeyRequest", { expireTime: "sk-canary" }, "expireTime", 'must be a time, as "2030-01-31T00:00:00Z"'],
    ["SetLimitRequest", { clamp: "sk-canary" }, "clamp", "must be true or false"],
    ["SetLimitRequest", { hard: parseJson("12345678912345678901") }, "hard", "must be an integer of 64 bits, as a string"],
  ])("%s %j names the field and its form, and nothing that was sent", (name, body, field, problem) => {
    const error = refusal(name, { body });
    expect(error.message).toContain(problem);
    expect(error.metadata["field"]).toBe(field);
    expect(`${error.message} ${error.hint}`).not.toMatch(/canary|123456789/);
  });

  test("from a query that is wrong is refused the same way", () => {
    const error = refusal("ListNodesRequest", { query: new URLSearchParams("kind=sk-canary") });
    expect(error.message).toMatch(/^`kind` must be one of ACCOUNT_KIND_/);
  });
});
