import { describe, expect, test } from "vitest";
import { anthropic } from "./dialect.ts";

const refused = (status: number, type: string, message: string, more: Record<string, unknown> = {}) =>
  anthropic.readRefusal(status, JSON.stringify({ type: "error", error: { type, message, ...more }, request_id: "req_1" }));

/** Statuses and types: https://platform.claude.com/docs/en/api/errors */
describe("a refusal", () => {
  test.each([
    [400, "invalid_request_error", true],
    [401, "authentication_error", false],
    [402, "billing_error", false],
    [403, "permission_error", false],
    [404, "not_found_error", false],
    [409, "conflict_error", false],
    [413, "request_too_large", true],
    [429, "rate_limit_error", false],
    [500, "api_error", false],
    [504, "timeout_error", false],
    [529, "overloaded_error", false],
  ])("with %i is %s, the request's fault: %s", (status, code, isRequestsFault) => {
    expect(refused(status, code, "Because.")).toEqual({ status, code, message: "Because.", isRequestsFault });
  });

  test.each([
    "Your credit balance is too low to access the Anthropic API.",
    "You have reached your specified API usage limits. You will regain access on 2026-12-01.",
  ])("for want of money is not the request's fault: %s", (message) => {
    expect(refused(400, "invalid_request_error", message)).toMatchObject({ code: "billing_error", isRequestsFault: false });
  });

  test("of a prompt that is too long may be no fault elsewhere", () => {
    expect(refused(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum")).toMatchObject({ code: "context_length_exceeded", isRequestsFault: false });
  });

  test("of what a model wrote is told by OpenAI's name of it", () => {
    expect(refused(400, "invalid_request_error", "Output blocked by content filtering policy")).toMatchObject({ code: "content_filter", isRequestsFault: true });
  });

  test("tells a finer code where there is one", () => {
    expect(refused(429, "rate_limit_error", "Limit.", { details: { error_code: "enforced_spend_limit_reached" } }).code).toBe("enforced_spend_limit_reached");
  });

  test.each(["", "<html>", "null", "[]", '{"error":"x"}', '{"type":"error"}'])("of %j says its status", (text) => {
    expect(anthropic.readRefusal(529, text)).toEqual({ status: 529, message: "", code: "", isRequestsFault: false });
  });
});
