import { BreakerState, CheckResult, type GetProviderHealthRequest, ProviderKind, ProviderState } from "@alfred/contracts";
import { expect, test } from "vitest";
import { EdgeRig } from "./rig.ts";

test("providers are told as a list, by words", async () => {
  const served = { id: "azure-eu", kind: ProviderKind.PROVIDER_KIND_AZURE, region: "eu-west", state: ProviderState.PROVIDER_STATE_DEGRADED };
  await using rig = await EdgeRig.start({ listProviders: async () => ({ providers: [served] }) });
  expect(await (await rig.send("/v1/providers")).json()).toEqual({
    object: "list", data: [{ id: "azure-eu", object: "provider", kind: "azure", region: "eu-west", state: "degraded" }],
  });
});

test("so is how they do, of all or one", async () => {
  const asked: string[] = [];
  const [open, tried] = [
    { model: "a", state: BreakerState.BREAKER_STATE_OPEN, sinceTime: new Date(0), openUntilTime: new Date(2_000), reason: "PROVIDER_TIMEOUT", share: 1, load: { inFlight: 1, recentCalls: 4, recentFailures: 3, failuresInRow: 3 } },
    { model: "b", state: BreakerState.BREAKER_STATE_HALF_OPEN, sinceTime: undefined, openUntilTime: undefined, reason: "", share: 0.5, load: undefined },
  ];
  const getProviderHealth = async ({ providerId }: GetProviderHealthRequest) => {
    asked.push(providerId);
    const lastCheck = { result: CheckResult.CHECK_RESULT_FAILED, reason: "PROVIDER_TIMEOUT", time: new Date(1_000), duration: { seconds: 2n, nanos: 500_000_000 } };
    return { providers: [{ providerId: "openai", state: ProviderState.PROVIDER_STATE_UNAVAILABLE, deployments: [open, tried], lastCheck }, { providerId: "new", state: ProviderState.PROVIDER_STATE_HEALTHY, deployments: [], lastCheck: undefined }] };
  };
  await using rig = await EdgeRig.start({ getProviderHealth });
  const deployments = [
    { model: "a", state: "open", since: "1970-01-01T00:00:00.000Z", open_until: "1970-01-01T00:00:02.000Z", reason: "PROVIDER_TIMEOUT", share: 1, load: { in_flight: 1, recent_calls: 4, recent_failures: 3, failures_in_row: 3 } },
    { model: "b", state: "half_open", since: null, open_until: null, reason: "", share: 0.5 },
  ];
  const last_check = { result: "failed", reason: "PROVIDER_TIMEOUT", time: "1970-01-01T00:00:01.000Z", duration_ms: 2_500 };
  const [failing, unknown] = [{ id: "openai", object: "provider.health", state: "unavailable", last_check, deployments }, { id: "new", object: "provider.health", state: "healthy", last_check: null, deployments: [] }];
  expect(await (await rig.send("/v1/providers/health")).json()).toEqual({ object: "list", data: [failing, unknown] });
  await rig.send("/v1/providers/health?provider=openai");
  expect(asked).toEqual(["", "openai"]);
});
