import { hash } from "node:crypto";

import { Role } from "@alfred/contracts";
import type { Key, WatchKeysResponse } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  configuration,
  emptyDatabase,
  failureOf,
  newRequest,
  ROOT_KEY,
  SERVICE_TOKEN,
  sql,
  startDirectory,
} from "./directory-rig.ts";
import type { DirectoryRig } from "./directory-rig.ts";

type WatchEvent = NonNullable<WatchKeysResponse["event"]>;

/** A watch that is read along, as a gateway does. */
class Watcher implements AsyncDisposable {
  readonly events: WatchEvent[] = [];
  readonly #stop = new AbortController();
  readonly #run: Promise<void>;
  #arrived = Promise.withResolvers<void>();

  constructor(rig: DirectoryRig, revision = 0n) {
    this.#run = this.#read(rig.as(SERVICE_TOKEN).directory.watchKeys({ revision }, { signal: this.#stop.signal }));
  }

  /** Waits until the watch has said something that fits. */
  async until(fits: (event: WatchEvent) => boolean): Promise<WatchEvent> {
    for (;;) {
      const found = this.events.find(fits);
      if (found !== undefined) return found;
      await this.#arrived.promise;
    }
  }

  /** Waits for the next `synced` and returns its revision. */
  async synced(): Promise<bigint> {
    const from = this.events.length;
    const event = await this.until((each) => each.$case === "synced" && this.events.indexOf(each) >= from);
    return event.$case === "synced" ? event.value.revision : 0n;
  }

  /** Keys by id as a reader would know them now. */
  get keys(): ReadonlyMap<string, Key> {
    return new Map(
      this.events.flatMap((event) =>
        event.$case === "key" && event.value.key !== undefined ? [[event.value.key.id, event.value.key]] : [],
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#run.catch(() => undefined);
  }

  async #read(messages: AsyncIterable<WatchKeysResponse>): Promise<void> {
    for await (const { event } of messages) {
      if (event !== undefined) this.events.push(event);
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers<void>();
    }
  }
}

describe("WatchKeys", () => {
  let cleanup: AsyncDisposableStack;
  let databaseUrl: string;
  let rig: DirectoryRig;
  let organisationId: string;

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack();
    databaseUrl = await emptyDatabase();
    rig = cleanup.use(await startDirectory(databaseUrl));
    organisationId =
      (
        await rig
          .as(ROOT_KEY)
          .directory.createOrganisation({ requestId: newRequest(), name: "Acme", timeZone: "", limits: [], allowedModels: [] })
      ).organisation?.id ?? "";
  });
  afterEach(() => cleanup.disposeAsync());

  const makeKey = async (at = rig): Promise<{ id: string; secret: string }> => {
    const request = {
      requestId: newRequest(),
      organisationId,
      parentId: "",
      name: "key",
      role: Role.ROLE_ADMIN,
      limits: [],
      allowedModels: [],
      expireTime: undefined,
    };
    const { key, secret } = await at.as(ROOT_KEY).directory.createKey(request);
    return { id: key?.id ?? "", secret };
  };
  const revoke = (keyId: string, at = rig) => at.as(ROOT_KEY).directory.revokeKey({ requestId: newRequest(), keyId });
  const watch = (at: DirectoryRig, revision?: bigint): Watcher => cleanup.use(new Watcher(at, revision));

  it("begins with a snapshot of all nodes and keys by hash, root's among them", async () => {
    const made = await makeKey();
    const watcher = watch(rig);
    await watcher.until(({ $case }) => $case === "synced");
    expect(watcher.events[0]?.$case).toBe("snapshotStarted");
    expect(watcher.events.map(({ $case }) => $case)).toEqual(["snapshotStarted", "key", "node", "key", "synced"]);
    const hashes = watcher.events.flatMap((event) =>
      event.$case === "key" ? [[event.value.key?.role, event.value.secretSha256.toString("hex")]] : [],
    );
    expect(hashes).toEqual([
      [Role.ROLE_ROOT, hash("sha256", ROOT_KEY)],
      [Role.ROLE_ADMIN, hash("sha256", made.secret)],
    ]);
    expect([...watcher.keys.values()][0]).toMatchObject({ organisationId: "", path: undefined });
  });

  it("tells of a key, and of its revocation, as they happen", async () => {
    const watcher = watch(rig);
    await watcher.until(({ $case }) => $case === "synced");
    const made = await makeKey();
    await watcher.until((event) => event.$case === "key" && event.value.key?.id === made.id);
    await revoke(made.id);
    await watcher.until(
      (event) => event.$case === "key" && event.value.key?.id === made.id && event.value.key.revokeTime !== undefined,
    );
    expect(watcher.events.filter(({ $case }) => $case === "snapshotStarted")).toHaveLength(1);
  });

  it("resumes where it left off, without a snapshot", async () => {
    const first = watch(rig);
    const revision = await first.synced();
    await first[Symbol.asyncDispose]();
    const made = await makeKey();

    const second = watch(rig, revision);
    await second.until(({ $case }) => $case === "synced");
    expect(second.events.map(({ $case }) => $case)).toEqual(["key", "synced"]);
    expect([...second.keys.keys()]).toEqual([made.id]);
  });

  it("begins anew with a revision that this database never gave", async () => {
    const watcher = watch(rig, 1_000_000n);
    await watcher.until(({ $case }) => $case === "synced");
    expect(watcher.events[0]?.$case).toBe("snapshotStarted");
  });

  it("repeats synced while nothing happens, so that silence means trouble", async () => {
    const watcher = watch(rig);
    const first = await watcher.synced();
    expect(await watcher.synced()).toBe(first);
  });

  it("pages through a snapshot larger than a page", async () => {
    await sql(
      databaseUrl,
      `
      WITH made AS (
        INSERT INTO nodes SELECT 'team_' || n, $1, $1, 'team', 'team', 'UTC', '[]', now() FROM generate_series(1, 1234) n RETURNING id
      ), numbered AS (SELECT id, (SELECT value FROM revision) + row_number() OVER () AS revision FROM made)
      INSERT INTO changes SELECT 'node', id, revision, false FROM numbered`,
      [organisationId],
    );
    await sql(databaseUrl, "UPDATE revision SET value = value + 1234");
    const watcher = watch(rig);
    await watcher.until(({ $case }) => $case === "synced");
    const ids = watcher.events.flatMap((event) => (event.$case === "node" ? [event.value.id] : []));
    expect(new Set(ids).size).toBe(1235);
    expect(ids).toHaveLength(1235);
  });

  it("loses nothing to writers that commit at the same time in two processes, over reconnections", async () => {
    const other = cleanup.use(await startDirectory(databaseUrl, configuration()));
    const steady = watch(rig);
    const seen = new Set<string>();
    const written = new AbortController();
    const restless = (async () => {
      let revision = 0n;
      for (let turn = 0; !written.signal.aborted; turn += 1) {
        await using watcher = new Watcher(turn % 2 === 0 ? rig : other, revision);
        revision = await watcher.synced();
        for (const id of watcher.keys.keys()) seen.add(id);
      }
      return revision;
    })();
    const writers = [rig, other, rig, other].map(async (at) => {
      const made: string[] = [];
      for (let index = 0; index < 15; index += 1) made.push((await makeKey(at)).id);
      return made;
    });
    const made = (await Promise.all(writers)).flat();
    written.abort();
    const [head] = await sql(databaseUrl, "SELECT value FROM revision");
    const isLast = (event: WatchEvent): boolean =>
      event.$case === "synced" && event.value.revision === BigInt(String(head?.["value"]));
    const last = watch(other, await restless);
    await Promise.all([last.until(isLast), steady.until(isLast)]);
    for (const id of last.keys.keys()) seen.add(id);

    expect(made.filter((id) => !seen.has(id))).toEqual([]);
    expect(made.filter((id) => !steady.keys.has(id))).toEqual([]);
    const revisions = steady.events.flatMap((event) => (event.$case === "synced" ? [event.value.revision] : []));
    expect(revisions).toEqual(revisions.toSorted((a, b) => Number(a - b)));
  });

  it("makes a key that was revoked in one process unusable in the other", async () => {
    const other = cleanup.use(await startDirectory(databaseUrl, configuration()));
    const made = await makeKey();
    const call = () => failureOf(other.as(made.secret).directory.getKey({ keyId: made.id }));
    await expect.poll(call).toBeUndefined();
    await revoke(made.id);
    await expect.poll(async () => isFailure(await call(), "KEY_REVOKED")).toBe(true);
  });

  it("goes on by itself after the database has ended every connection", async () => {
    const watcher = watch(rig);
    await watcher.synced();
    await sql(
      databaseUrl,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    const made = await expect
      .poll(() => makeKey().catch(() => undefined))
      .toBeDefined()
      .then(() => makeKey());
    const again = watch(rig);
    await again.until((event) => event.$case === "key" && event.value.key?.id === made.id);
  });
});
