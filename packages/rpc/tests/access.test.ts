import {
  AuditServiceService,
  ConfigServiceService,
  DirectoryServiceService,
  GatewayServiceService,
  ListModelsResponse,
  MeteringServiceService,
  Role,
  WalletServiceService,
} from "@alfred/contracts";
import { createRegistry } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { createClient, createServer, Descriptors, implement, nobody, principalOfKey, servicePrincipal } from "../src/index.ts";
import type { CallContext } from "../src/index.ts";
import { collect, failureOf, handlersOf, hashedKey, LogBook, secrets, testRing, TestServer, ways } from "./harness.ts";

/** Answers every method of the directory with what it was asked as, so that only the chain can refuse. */
async function directory(): Promise<{ stop: AsyncDisposableStack; call: (name: string, token?: string) => Promise<unknown> }> {
  const stop = new AsyncDisposableStack();
  const entries = Object.entries(DirectoryServiceService).map(([name, method]) => {
    const message = method.responseDeserialize(Buffer.alloc(0));
    const stream = async function* (): AsyncGenerator { yield message; };
    return [name, method.responseStream ? stream : async () => message] as const;
  });
  const handlers = handlersOf(DirectoryServiceService, Object.fromEntries(entries));
  const bindings = [implement(DirectoryServiceService, handlers)];
  const server = stop.use(createServer({ name: "d", bindings, authenticate: testRing().authenticate, log: new LogBook().log }));
  const call = async (name: string, token?: string): Promise<unknown> => {
    const client = createClient(DirectoryServiceService, server.transport, token === undefined ? {} : { token });
    const method = name as "watchKeys";
    const request = DirectoryServiceService[method].requestDeserialize(Buffer.alloc(0));
    const answer: unknown = client[method](request);
    return answer instanceof Promise ? answer : collect(answer as AsyncIterable<unknown>);
  };
  return { stop, call };
}

describe("who may call what", () => {
  const roles = [["user", Role.ROLE_USER], ["admin", Role.ROLE_ADMIN], ["root", Role.ROLE_ROOT], ["service", Role.ROLE_SERVICE]] as const;
  const expected = { createOrganisation: Role.ROLE_ROOT, listKeys: Role.ROLE_ADMIN, createKey: Role.ROLE_ADMIN, watchKeys: Role.ROLE_SERVICE };

  test.each(Object.entries(expected))("%s is for role %i and those above", async (name, least) => {
    const { stop, call } = await directory();
    await using _ = stop;
    for (const [who] of roles.filter(([, role]) => role >= least)) await call(name, secrets[who]);
    for (const [who] of roles.filter(([, role]) => role < least)) {
      const refused = await failureOf(call(name, secrets[who]));
      expect(refused).toMatchObject({ code: "ROLE_INSUFFICIENT", metadata: { role: who } });
    }
    expect(await failureOf(call(name))).toMatchObject({ code: "KEY_MISSING" });
    expect(await failureOf(call(name, "sk-unknown"))).toMatchObject({ code: "KEY_INVALID" });
  });

  test("every RPC of the contract states a role and a scope", () => {
    const log = new LogBook().log;
    const all = [GatewayServiceService, MeteringServiceService, WalletServiceService, DirectoryServiceService, ConfigServiceService, AuditServiceService];
    const bindings = all.map((definition) => implement(definition, handlersOf(definition, {}) as never));
    expect(() => createServer({ name: "x", bindings, authenticate: nobody, log })).not.toThrow();
  });

  test("a server does not start when an RPC states none", () => {
    const descriptors = new Descriptors(new Uint8Array());
    expect([...createRegistry(descriptors.registry)]).toEqual([]);
    const bindings = [implement(WalletServiceService, handlersOf(WalletServiceService, {}))];
    expect(() => createServer({ name: "x", bindings, authenticate: nobody, log: new LogBook().log, descriptors })).toThrow(
      "/alfred.v1.WalletService/Reserve must state its role and scope",
    );
  });
});

describe.each(ways)("a token (%s)", (way) => {
  test.each([
    ["authorization", `Bearer ${secrets.user}`],
    ["authorization", `bearer   ${secrets.user}`],
    ["x-api-key", secrets.user],
  ])("is taken from %s: %s", async (name, value) => {
    const seen: CallContext[] = [];
    const listModels = async (_: unknown, context: CallContext): Promise<ListModelsResponse> => {
      seen.push(context);
      return ListModelsResponse.create();
    };
    await using mesh = await TestServer.start({ gateway: { listModels } });
    const client = createClient(GatewayServiceService, mesh.transport(way));
    await client.listModels({}, { metadata: { [name]: value } });
    expect(seen[0]?.principal.keyId).toBe("key_user");
  });

  test("that cannot be a header is an invalid key", async () => {
    await using mesh = await TestServer.start({});
    const seen = await failureOf(mesh.gateway(way, "sk-ü\n").listModels({}));
    expect(seen).toMatchObject({ code: "KEY_INVALID" });
  });

  test("is not looked at before the request is read", async () => {
    await using mesh = await TestServer.start({});
    expect(await failureOf(mesh.gateway(way, "sk-unknown").listModels({}))).toMatchObject({ code: "KEY_INVALID" });
    expect(mesh.book.of("call")).toMatchObject([{ code: "UNAUTHENTICATED", reason: "KEY_INVALID" }]);
  });
});

describe("a principal", () => {
  const user = principalOfKey(hashedKey("x", { role: Role.ROLE_USER, organisationId: "org_1" }).key);

  test("of a tenant means its own organisation and finds no other", () => {
    expect(user.organisation("")).toBe("org_1");
    expect(user.organisation("org_1")).toBe("org_1");
    expect(() => user.organisation("org_2")).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  });

  test.each([
    ["root", principalOfKey(hashedKey("x", { role: Role.ROLE_ROOT }).key)],
    ["a service", servicePrincipal()],
  ])("that is %s means the organisation that it names, and has to name one", (_, principal) => {
    expect(principal.tenant).toBeUndefined();
    expect(principal.organisation("org_2")).toBe("org_2");
    expect(() => principal.organisation("")).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("without a role reaches no organisation", () => {
    expect(() => nobody().organisation("org_1")).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  });
});
