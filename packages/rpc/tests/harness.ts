import { hash } from "node:crypto";
import { GatewayServiceService, Key, Role, WalletServiceService } from "@alfred/contracts";
import { createLogger } from "@alfred/telemetry";
import type { Logger } from "@alfred/telemetry";
import { createClient, createServer, implement, KeyRing, socketTransport } from "../src/index.ts";
import type { Client, Handlers, RpcServer, RpcServerOptions, ServiceDefinition, Transport } from "../src/index.ts";

/** Secrets of the keys that every test server knows. */
export const secrets = {
  user: "key-of-a-user-0000000000000000000000",
  admin: "key-of-an-administrator-000000000000",
  root: "key-of-root-000000000000000000000000",
  service: "token-of-the-services-00000000000000",
} as const;

/** A log whose lines can be looked at. */
export class LogBook {
  readonly lines: Record<string, unknown>[] = [];
  readonly log: Logger;

  constructor() {
    const write = (line: string): void => void this.lines.push(JSON.parse(line) as Record<string, unknown>);
    this.log = createLogger({ name: "test", level: "debug", destination: { write } });
  }

  /** The lines with this message. */
  of(message: string): Record<string, unknown>[] {
    return this.lines.filter((line) => line["msg"] === message);
  }

  get text(): string {
    return JSON.stringify(this.lines);
  }
}

/** A key as the directory tells of it. */
export function hashedKey(secret: string, key: Partial<Key>): { key: Key; secretSha256: Buffer } {
  return { key: Key.fromPartial({ id: "key_1", ...key }), secretSha256: hash("sha256", secret, "buffer") };
}

/** A ring that knows the secrets above. */
export function testRing(options: ConstructorParameters<typeof KeyRing>[0] = {}): KeyRing {
  const ring = new KeyRing({ serviceToken: secrets.service, ...options });
  const keys = [
    hashedKey(secrets.user, { id: "key_user", role: Role.ROLE_USER, organisationId: "org_1" }),
    hashedKey(secrets.admin, { id: "key_admin", role: Role.ROLE_ADMIN, organisationId: "org_1" }),
    hashedKey(secrets.root, { id: "key_root", role: Role.ROLE_ROOT }),
  ];
  ring.apply({ $case: "snapshotStarted", value: {} });
  for (const value of keys) ring.apply({ $case: "key", value });
  ring.apply({ $case: "synced", value: { revision: 1n } });
  return ring;
}

/** The handlers given, and for every other method one that says so. */
export function handlersOf<Service extends ServiceDefinition>(
  definition: Service,
  given: Partial<Handlers<Service>>,
): Handlers<Service> {
  const absent = (): never => {
    throw new Error("not part of this test");
  };
  const entries = Object.keys(definition).map((name) => [name, Reflect.get(given, name) ?? absent] as const);
  return Object.fromEntries(entries) as unknown as Handlers<Service>;
}

type WalletHandlers = Partial<Handlers<typeof WalletServiceService>>;
type GatewayHandlers = Partial<Handlers<typeof GatewayServiceService>>;

/** What a test server answers, and whatever else of it is to differ. */
export interface TestServerOptions extends Partial<RpcServerOptions> {
  readonly wallet?: WalletHandlers;
  readonly gateway?: GatewayHandlers;
}

/** A server with the real contract, and both ways to it. */
export class TestServer implements AsyncDisposable {
  readonly book = new LogBook();
  readonly server: RpcServer;
  port = 0;
  readonly #stack = new AsyncDisposableStack();

  constructor({ wallet = {}, gateway = {}, ...options }: TestServerOptions) {
    const bindings = [
      implement(WalletServiceService, handlersOf(WalletServiceService, wallet)),
      implement(GatewayServiceService, handlersOf(GatewayServiceService, gateway)),
    ];
    const authenticate = testRing().authenticate;
    // Some handlers here never end, and a server that stops waits for them.
    const drainMs = 200;
    this.server = createServer({ name: "test", bindings, authenticate, log: this.book.log, drainMs, ...options });
    this.#stack.use(this.server);
  }

  static async start(options: TestServerOptions): Promise<TestServer> {
    const test = new TestServer(options);
    test.port = await test.server.listen("127.0.0.1", 0);
    return test;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Disposes of it before the server. */
  keep(part: AsyncDisposable): void {
    this.#stack.use(part);
  }

  transport(way: Way): Transport {
    if (way === "in process") return this.server.transport;
    return this.#stack.use(socketTransport({ address: this.address }));
  }

  wallet(way: Way, token: string = secrets.admin): Client<typeof WalletServiceService> {
    return createClient(WalletServiceService, this.transport(way), { token, timeoutMs: 20_000 });
  }

  gateway(way: Way, token: string = secrets.user): Client<typeof GatewayServiceService> {
    return createClient(GatewayServiceService, this.transport(way), { token, timeoutMs: 20_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** The two ways to a server. */
export const ways = ["socket", "in process"] as const;
export type Way = (typeof ways)[number];

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected a failure, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}

/** All messages of a stream. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
