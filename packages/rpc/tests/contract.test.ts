import { GetAccountRequest, GetAccountResponse, WalletServiceService, WatchAccountRequest, WatchAccountResponse } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { callBytes, contractDescriptors } from "../src/index.ts";
import { failureOf, secrets, TestServer, ways } from "./harness.ts";

describe("the compiled contract", () => {
  const descriptors = contractDescriptors();

  test("is read once", () => {
    expect(contractDescriptors()).toBe(descriptors);
  });

  test("tells the access that a method asks for", () => {
    expect(descriptors.methodAccess("/alfred.v1.WalletService/GetAccount")).toEqual({ role: 1, scope: 1 });
    expect(descriptors.methodAccess("/alfred.v1.DirectoryService/WatchKeys")).toEqual({ role: 4, scope: 3 });
    expect(descriptors.methodAccess("/alfred.v1.WalletService/Nothing")).toBeUndefined();
    expect(descriptors.methodAccess("/nothing.v1.Nobody/Nothing")).toBeUndefined();
  });

  test("tells the routes of its methods", () => {
    const rules = descriptors.httpRules();
    const settle = rules.find(({ path }) => path === "/alfred.v1.WalletService/Settle");
    expect(settle).toMatchObject({ verb: "POST", pattern: "/admin/v1/reservations/{reservation_id}:settle", hasBody: true });
    expect(settle?.method.input.typeName).toBe("alfred.v1.SettleRequest");
    const get = rules.find(({ path }) => path === "/alfred.v1.WalletService/GetAccount");
    expect(get).toMatchObject({ verb: "GET", hasBody: false });
    expect(rules.some(({ path }) => path.includes("GatewayService"))).toBe(false);
    for (const { verb, pattern } of rules) expect(`${verb} ${pattern}`).toMatch(/^[A-Z]+ \/admin\/v1\//);
  });

  test("has no two routes alike", () => {
    const routes = descriptors.httpRules().map(({ verb, pattern }) => `${verb} ${pattern}`);
    expect(new Set(routes).size).toBe(routes.length);
  });
});

describe.each(ways)("a call of bytes (%s)", (way) => {
  const getAccount = async ({ accountId }: GetAccountRequest): Promise<GetAccountResponse> =>
    GetAccountResponse.fromPartial({ account: { id: accountId } });
  async function* watchAccount(): AsyncGenerator<WatchAccountResponse> {
    for (const revision of [1n, 2n]) yield { event: { $case: "synced", value: { revision } } };
  }
  const options = { token: secrets.user };

  test("answers bytes", async () => {
    await using mesh = await TestServer.start({ wallet: { getAccount } });
    const request = GetAccountRequest.encode({ accountId: "acc_1" }).finish();
    const response = await callBytes(WalletServiceService, "getAccount", mesh.transport(way), request, options);
    expect(GetAccountResponse.decode(response as Uint8Array)).toMatchObject({ account: { id: "acc_1" } });
  });

  test("streams bytes", async () => {
    await using mesh = await TestServer.start({ wallet: { watchAccount } });
    const request = WatchAccountRequest.encode({ accountId: "acc_1", revision: 0n }).finish();
    const responses = callBytes(WalletServiceService, "watchAccount", mesh.transport(way), request, options);
    if (!(Symbol.asyncIterator in responses)) throw new TypeError("not a stream");
    const messages = await Array.fromAsync(responses, (bytes) => WatchAccountResponse.decode(bytes));
    expect(messages.map(({ event }) => event?.value)).toEqual([{ revision: 1n }, { revision: 2n }]);
  });

  test("fails as every call", async () => {
    await using mesh = await TestServer.start({ wallet: { getAccount } });
    const garbage = Promise.resolve(callBytes(WalletServiceService, "getAccount", mesh.transport(way), Buffer.from([0x0a, 0xff]), options));
    expect(await failureOf(garbage as Promise<unknown>)).toMatchObject({ code: "INVALID_ARGUMENT" });
    const keyless = Promise.resolve(callBytes(WalletServiceService, "getAccount", mesh.transport(way), Buffer.alloc(0)));
    expect(await failureOf(keyless as Promise<unknown>)).toMatchObject({ code: "KEY_MISSING" });
  });
});
