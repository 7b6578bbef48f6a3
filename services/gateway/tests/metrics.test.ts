import { fail } from "@alfred/errors";
import { describe, expect, test } from "vitest";
import { Rig, chatOf, failureOf, hear } from "./rig.ts";

/** The value of one line of the metrics. */
async function valueOf(rig: Rig, line: string): Promise<number> {
  const found = (await rig.registry.metrics()).split("\n").find((each) => each.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1) ?? Number.NaN);
}

describe("metrics", () => {
  test("count requests, attempts, usage and cost", async () => {
    await using rig = await Rig.start();
    await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi [[sim: status=500 fail_first=1]]") }));
    await failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi", { model: "nowhere-1" }) }));
    await rig.peers.wallet.settled();
    expect(await valueOf(rig, 'alfred_gateway_requests_total{operation="chat",outcome="answered"}')).toBe(1);
    expect(await valueOf(rig, 'alfred_gateway_requests_total{operation="chat",outcome="MODEL_NOT_FOUND"}')).toBe(1);
    expect(await valueOf(rig, 'alfred_gateway_attempts_total{provider="openai",outcome="PROVIDER_UNAVAILABLE"}')).toBe(1);
    expect(await valueOf(rig, 'alfred_gateway_attempts_total{provider="openai",outcome="answered"}')).toBe(1);
    expect(await valueOf(rig, 'alfred_gateway_provider_duration_seconds_count{provider="openai"}')).toBe(2);
    expect(await valueOf(rig, 'alfred_gateway_provider_first_byte_seconds_count{provider="openai"}')).toBe(1);
    expect(await valueOf(rig, 'alfred_gateway_usage_total{provider="openai",model="gpt-4o-mini",meter="output_tokens"}')).toBe(4);
    await rig.peers.wallet.settled();
    expect(await valueOf(rig, 'alfred_gateway_cost_usd_total{provider="openai",model="gpt-4o-mini"}')).toBeCloseTo(Number(rig.peers.wallet.posted) / 1e9);
  });

  test("tell how much waits now", async () => {
    await using rig = await Rig.start();
    rig.peers.before.recordUsage = () => Promise.reject(fail("INTERNAL", "Metering has a bad day."));
    await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
    expect(await valueOf(rig, 'alfred_gateway_queue_depth{queue="usage_records"}')).toBe(1);
    rig.peers.before = {};
    await rig.peers.recorded(1);
    await expect.poll(() => valueOf(rig, 'alfred_gateway_queue_depth{queue="usage_records"}')).toBe(0);
    expect(await valueOf(rig, "alfred_gateway_in_flight")).toBe(0);
  });
});
