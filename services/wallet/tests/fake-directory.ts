import { hash } from "node:crypto";
import { AccountKind, DirectoryServiceService, Role } from "@alfred/contracts";
import type { AccountPath, HashedKey, Key, Node, WatchKeysResponse } from "@alfred/contracts";
import { Broadcast, createServer, implement, servicePrincipal, watchStream } from "@alfred/rpc";
import type { Delta, Transport } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";

type DirectoryEvent = Extract<NonNullable<WatchKeysResponse["event"]>, { $case: "key" | "node" }>;

/** A directory that tells of the keys and nodes that a test makes, through the real watch. */
export class FakeDirectory implements AsyncDisposable {
  readonly transport: Transport;
  readonly #live = new Broadcast<Delta<DirectoryEvent>>();
  readonly #events: DirectoryEvent[] = [];
  readonly #server: AsyncDisposable;
  #revision = 1n;

  constructor(log: Logger) {
    const definition = { watchKeys: DirectoryServiceService.watchKeys };
    const binding = implement(definition, { watchKeys: ({ revision }, { signal }) => this.#watch(revision, signal) });
    const server = createServer({ name: "directory", bindings: [binding], authenticate: servicePrincipal, log });
    this.#server = server;
    this.transport = server.transport;
  }

  /** Makes a key for a path and answers its secret. */
  addKey(path: AccountPath, role: Role = Role.ROLE_USER): string {
    const [leaf, parent] = path.accounts;
    const key = { ...BARE_KEY, id: leaf?.id ?? "", organisationId: path.organisationId, parentId: parent?.id ?? "", role, path };
    return this.#add(key);
  }

  /** Makes the administrator's key, which has no accounts. */
  addRoot(): string {
    return this.#add({ ...BARE_KEY, id: "key_root", role: Role.ROLE_ROOT });
  }

  addNode(path: AccountPath): void {
    const [leaf, parent] = path.accounts;
    const kind = leaf?.kind ?? AccountKind.ACCOUNT_KIND_TEAM;
    const { organisationId } = path;
    const node: Node = { id: leaf?.id ?? "", organisationId, parentId: parent?.id ?? "", kind, name: "n", createTime: new Date(), path, allowedModels: [] };
    this.#tell({ $case: "node", value: node });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#live.close();
    await this.#server[Symbol.asyncDispose]();
  }

  #add(key: Key): string {
    const secret = `secret-of-${key.id}`.padEnd(40, "0");
    const value: HashedKey = { key, secretSha256: hash("sha256", secret, "buffer") };
    this.#tell({ $case: "key", value });
    return secret;
  }

  #tell(event: DirectoryEvent): void {
    this.#events.push(event);
    this.#revision += 1n;
    this.#live.publish({ revision: this.#revision, events: [event] });
  }

  #watch(revision: bigint, signal: AbortSignal): AsyncGenerator<WatchKeysResponse> {
    return watchStream<DirectoryEvent>({
      revision,
      subscribe: () => this.#live.subscribe({ signal }),
      snapshot: () => Promise.resolve({ revision: this.#revision, events: [...this.#events] }),
    });
  }
}

const BARE_KEY: Key = {
  id: "",
  organisationId: "",
  parentId: "",
  name: "k",
  role: Role.ROLE_USER,
  prefix: "secret",
  path: undefined,
  allowedModels: [],
  requestsPerMinute: undefined,
  expireTime: undefined,
  revokeTime: undefined,
  createTime: undefined,
};
