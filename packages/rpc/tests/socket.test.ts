import { connect } from "node:http2";
import { createServer as createTcpServer } from "node:net";
import { fileURLToPath } from "node:url";
import { EstimateCostRequest, GetAccountResponse, MeteringServiceService, WalletServiceService } from "@alfred/contracts";
import type { GetAccountRequest } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { credentials, loadPackageDefinition, Metadata, status } from "@grpc/grpc-js";
import type { Client, ClientDuplexStream, ServiceError } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer, loadSync } from "@grpc/proto-loader";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { createClient, createServer, MAX_MESSAGE_BYTES, socketTransport } from "../src/index.ts";
import { failureOf, LogBook, secrets, testRing, TestServer } from "./harness.ts";

const answer = async ({ accountId }: GetAccountRequest): Promise<GetAccountResponse> =>
  GetAccountResponse.fromPartial({ account: { id: accountId } });

describe("messages on a socket", () => {
  test("may be of 32 MiB both ways", async () => {
    await using mesh = await TestServer.start({ wallet: { getAccount: answer } });
    const accountId = "x".repeat(32 * 1024 * 1024);
    const { account } = await mesh.wallet("socket").getAccount({ accountId });
    expect(account?.id.length).toBe(accountId.length);
  });

  test("that are larger are PAYLOAD_TOO_LARGE, asked or answered", async () => {
    const large = "x".repeat(MAX_MESSAGE_BYTES);
    const getAccount = async (): Promise<GetAccountResponse> => GetAccountResponse.fromPartial({ account: { id: large } });
    await using mesh = await TestServer.start({ wallet: { getAccount } });
    const client = mesh.wallet("socket");
    expect(await failureOf(client.getAccount({ accountId: large }))).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    const answered = await failureOf(client.getAccount({ accountId: "x" }));
    expect(answered).toMatchObject({ code: "PAYLOAD_TOO_LARGE", metadata: { limit_bytes: String(MAX_MESSAGE_BYTES) } });
  });

  test("that are not what the method expects are INVALID_ARGUMENT", async () => {
    await using mesh = await TestServer.start({ wallet: { getAccount: answer } });
    await using transport = socketTransport({ address: mesh.address });
    const garbled = { getAccount: { ...WalletServiceService.getAccount, requestSerialize: () => Buffer.from([0x0a, 0xff]) } };
    const client = createClient(garbled, transport, { token: secrets.admin });
    expect(await failureOf(client.getAccount({ accountId: "" }))).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("of an error are bounded, whatever was put into it", async () => {
    const metadata = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key${index}`, "v".repeat(10_000)]));
    const getAccount = async (): Promise<never> => {
      throw fail("NOT_FOUND", `\ud800${"m".repeat(100_000)}`, { metadata, hint: "h".repeat(100_000) });
    };
    await using mesh = await TestServer.start({ wallet: { getAccount } });
    const seen = await failureOf(mesh.wallet("socket").getAccount({ accountId: "" }));
    expect(seen).toMatchObject({ code: "NOT_FOUND", message: expect.stringContaining("mmm") as unknown });
  });
});

describe("listening", () => {
  test("on a port that is taken fails with its code and address", async () => {
    await using blocker = createTcpServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as { port: number };
    await using server = createServer({ name: "x", bindings: [], authenticate: testRing().authenticate, log: new LogBook().log });
    expect(await failureOf(server.listen("127.0.0.1", port))).toMatchObject({
      name: "ListenError", code: "EADDRINUSE", address: `127.0.0.1:${port}`, message: `127.0.0.1:${port} is in use by another program.`,
    });
  });

  test("on an address of IPv6 works", async () => {
    await using server = createServer({ name: "x", bindings: [], authenticate: testRing().authenticate, log: new LogBook().log });
    expect(await server.listen("::1", 0)).toBeGreaterThan(0);
  });
});

test("a connection may send 4 MiB before the server has read them", async () => {
  await using mesh = await TestServer.start({});
  const session = connect(`http://${mesh.address}`);
  await expect.poll(() => session.state.remoteWindowSize).toBeGreaterThanOrEqual(4 * 1024 * 1024);
  session.destroy();
});

/** Calls one method of a dynamic client, the way scripts without generated code do. */
async function callDynamic(client: Client, method: string, request: object, metadata = new Metadata()): Promise<unknown> {
  const call: unknown = Reflect.get(client, method);
  if (typeof call !== "function") throw new TypeError(`no ${method}`);
  return new Promise((resolve, reject) => {
    const done = (error: ServiceError | null, response: unknown): void => (error === null ? resolve(response) : reject(error));
    Reflect.apply(call, client, [request, metadata, { deadline: Date.now() + 10_000 }, done]);
  });
}

function clientOf(definition: object, name: string, address: string): Client {
  const found = name.split(".").reduce<unknown>((at, part) => Reflect.get(at as object, part), definition);
  return Reflect.construct(found as typeof Client, [address, credentials.createInsecure()]);
}

const reflectionProto = fileURLToPath(
  new URL("../proto/grpc/reflection/v1/reflection.proto", import.meta.resolve("@grpc/reflection")),
);

interface ReflectionAnswer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
}

/** Asks for reflection as grpcurl does. */
async function reflect(address: string, request: object): Promise<ReflectionAnswer> {
  const definition = loadPackageDefinition(loadSync(reflectionProto, { longs: String, oneofs: true }));
  const client = clientOf(definition, "grpc.reflection.v1.ServerReflection", address);
  const open: unknown = Reflect.get(client, "ServerReflectionInfo");
  const stream = Reflect.apply(open as () => ClientDuplexStream<object, ReflectionAnswer>, client, []);
  try {
    return await new Promise((resolve, reject) => {
      stream.on("data", resolve).on("error", reject);
      stream.write(request);
    });
  } finally {
    stream.end();
    client.close();
  }
}

describe("a client that knows nothing", () => {
  test("lists the services by reflection, without a key", async () => {
    await using mesh = await TestServer.start({});
    const { listServicesResponse } = await reflect(mesh.address, { listServices: "*" });
    const names = listServicesResponse?.service.map(({ name }) => name);
    expect(names?.toSorted()).toEqual(["alfred.v1.GatewayService", "alfred.v1.WalletService", "grpc.health.v1.Health"]);
  });

  test("learns what an error's details mean", async () => {
    await using mesh = await TestServer.start({});
    const { fileDescriptorResponse } = await reflect(mesh.address, { fileContainingSymbol: "google.rpc.ErrorInfo" });
    expect(fileDescriptorResponse?.fileDescriptorProto.length).toBeGreaterThan(0);
  });

  test("calls a method from what reflection tells of it", async () => {
    await using mesh = await TestServer.start({ wallet: { getAccount: answer } });
    const { fileDescriptorResponse } = await reflect(mesh.address, { fileContainingSymbol: "alfred.v1.WalletService" });
    const file = fileDescriptorResponse?.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes)) ?? [];
    const set = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
    const definition = loadPackageDefinition(loadFileDescriptorSetFromBuffer(Buffer.from(set)));
    const client = clientOf(definition, "alfred.v1.WalletService", mesh.address);
    const metadata = new Metadata();
    metadata.set("x-api-key", secrets.user);
    expect(await callDynamic(client, "GetAccount", { account_id: "acc_1" }, metadata)).toMatchObject({ account: { id: "acc_1" } });
    const refused = await failureOf(callDynamic(client, "GetAccount", { account_id: "acc_1" }));
    expect(refused).toMatchObject({ code: status.UNAUTHENTICATED, details: "No key was sent." });
    client.close();
  });
});

describe("a peer that does not know a method", () => {
  test("makes the call INTERNAL, since it is no mistake of the caller's", async () => {
    await using mesh = await TestServer.start({});
    for (const way of ["socket", "in process"] as const) {
      const client = createClient(MeteringServiceService, mesh.transport(way), { token: secrets.service });
      expect(await failureOf(client.estimateCost(EstimateCostRequest.create()))).toMatchObject({ code: "INTERNAL" });
    }
  });
});
