import { DirectoryServiceService, Role } from "@alfred/contracts";
import type { Key, WatchKeysResponse } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { Broadcast, checkHealth, createServer, implement, KeyRing, keysOf, serveWithKeys, watchStream } from "../src/index.ts";
import type { CallContext, KeyEvent, OpenKeys } from "../src/index.ts";
import { handlersOf, hashedKey, LogBook, secrets, TestServer, testRing, ways } from "./harness.ts";

/** What a ring says about a token: the reason of its refusal, or the key's id. */
async function verdict(ring: KeyRing, token: string | undefined): Promise<string | undefined> {
  try {
    return (await ring.authenticate(token)).keyId ?? "service";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const keyEvent = (secret: string, key: Partial<Key>): KeyEvent => ({ $case: "key", value: hashedKey(secret, key) });
const started: KeyEvent = { $case: "snapshotStarted", value: {} };
const synced: KeyEvent = { $case: "synced", value: { revision: 2n } };

describe("a key ring", () => {
  test("knows whose a token is", async () => {
    const ring = testRing();
    expect(await verdict(ring, secrets.user)).toBe("key_user");
    expect(await verdict(ring, secrets.root)).toBe("key_root");
    expect(await verdict(ring, secrets.service)).toBe("service");
    expect(await verdict(ring, undefined)).toBe("KEY_MISSING");
    expect(await verdict(ring, "")).toBe("KEY_MISSING");
    expect(await verdict(ring, `${secrets.user}x`)).toBe("KEY_INVALID");
  });

  test("waits a moment for a key that was made just now", async () => {
    const ring = testRing();
    const asked = verdict(ring, "just made");
    ring.apply(keyEvent("just made", { id: "key_new", role: Role.ROLE_USER }));
    expect(await asked).toBe("key_new");
  });

  test("without a service token has no peers", async () => {
    const ring = testRing({ serviceToken: "" });
    expect(await verdict(ring, secrets.service)).toBe("KEY_INVALID");
    expect(await verdict(ring, "")).toBe("KEY_MISSING");
  });

  test("refuses a revoked key from the event on, and says since when", async () => {
    const ring = testRing();
    ring.apply(keyEvent(secrets.user, { id: "key_user", revokeTime: new Date(0) }));
    expect(() => ring.authenticate(secrets.user)).toThrow(
      expect.objectContaining({ code: "KEY_REVOKED", metadata: { revoked_at: "1970-01-01T00:00:00.000Z" } }),
    );
  });

  test("refuses a key from its expiry on, by the clock", async () => {
    let now = 1_000;
    const ring = testRing({ now: () => now });
    ring.apply(keyEvent("brief", { id: "key_brief", role: Role.ROLE_USER, expireTime: new Date(2_000) }));
    expect(await verdict(ring, "brief")).toBe("key_brief");
    now = 2_000;
    expect(await verdict(ring, "brief")).toBe("KEY_EXPIRED");
  });

  test("lets only peers in before it has synced", async () => {
    const ring = new KeyRing({ serviceToken: secrets.service });
    ring.apply(started);
    ring.apply(keyEvent(secrets.user, { id: "key_user" }));
    expect(await verdict(ring, secrets.user)).toBe("UNAVAILABLE");
    expect(await verdict(ring, secrets.service)).toBe("service");
    ring.apply(synced);
    await ring.ready;
    expect(await verdict(ring, secrets.user)).toBe("key_user");
  });

  test("trusts no key once nothing was heard for too long, and all again after a heartbeat", async () => {
    let now = 0;
    const ring = testRing({ now: () => now, staleAfterMs: 60_000 });
    now = 60_000;
    expect(await verdict(ring, secrets.user)).toBe("key_user");
    now = 60_001;
    expect(await verdict(ring, secrets.user)).toBe("UNAVAILABLE");
    expect(await verdict(ring, secrets.service)).toBe("service");
    ring.apply(synced);
    expect(await verdict(ring, secrets.user)).toBe("key_user");
  });

  test("is replaced by a new snapshot, but only once that is complete", async () => {
    const ring = testRing();
    ring.apply(started);
    ring.apply(keyEvent("new", { id: "key_new" }));
    expect(await verdict(ring, secrets.user)).toBe("key_user");
    expect(await verdict(ring, "new")).toBe("KEY_INVALID");
    ring.apply(synced);
    expect(await verdict(ring, secrets.user)).toBe("KEY_INVALID");
    expect(await verdict(ring, "new")).toBe("key_new");
  });

  test("heeds a revocation in the middle of a snapshot", async () => {
    const ring = testRing();
    ring.apply(started);
    ring.apply(keyEvent(secrets.user, { id: "key_user", revokeTime: new Date(0) }));
    expect(await verdict(ring, secrets.user)).toBe("KEY_REVOKED");
  });

  test("tells listeners of keys and nodes until they stop listening", () => {
    const ring = testRing();
    const seen: string[] = [];
    const stop = ring.onKey((key) => void seen.push(key.id));
    ring.onNode((node) => void seen.push(node.id));
    ring.apply(keyEvent("a", { id: "key_a" }));
    ring.apply({ $case: "node", value: { id: "team_1" } as never });
    stop();
    ring.apply(keyEvent("b", { id: "key_b" }));
    expect(seen).toEqual(["key_a", "team_1"]);
  });
});

/** A directory that tells of one key and then of what is published, and says nothing by itself. */
function directoryOf(secret: string): { deltas: Broadcast<{ revision: bigint; events: KeyEvent[] }>; open: OpenKeys } {
  const deltas = new Broadcast<{ revision: bigint; events: KeyEvent[] }>();
  const snapshot = { revision: 1n, events: [keyEvent(secret, { id: "key_user", role: Role.ROLE_USER })] };
  const open: OpenKeys = (_revision, signal) =>
    watchStream<KeyEvent>({
      revision: 0n,
      subscribe: () => deltas.subscribe({ signal }),
      snapshot: async () => snapshot,
      heartbeatMs: 3_600_000,
    }) as AsyncIterable<WatchKeysResponse>;
  return { deltas, open };
}

test("a server's ring follows the directory's watch", async () => {
  const { deltas, open } = directoryOf(secrets.user);
  const watchKeys = (request: { revision: bigint }, { signal }: CallContext): AsyncIterable<WatchKeysResponse> => open(request.revision, signal);
  const bindings = [implement(DirectoryServiceService, handlersOf(DirectoryServiceService, { watchKeys }))];
  const { log } = new LogBook();
  await using directory = createServer({ name: "directory", bindings, authenticate: testRing().authenticate, log });
  const keys = new KeyRing();
  await using served = new TestServer({ authenticate: keys.authenticate });
  served.keep(serveWithKeys({ server: served.server, keys, open: keysOf(directory.transport, secrets.service), log }));
  await keys.ready;
  expect(await verdict(keys, secrets.user)).toBe("key_user");
  deltas.publish({ revision: 2n, events: [keyEvent(secrets.user, { id: "key_user", revokeTime: new Date() })] });
  await expect.poll(async () => verdict(keys, secrets.user)).toBe("KEY_REVOKED");
});

describe.each(ways)("health over %s", (way) => {
  const heartbeat = { revision: 2n, events: [] };

  test("says NOT_SERVING once the keys are stale, and SERVING again when they are heard of", async () => {
    let now = 0;
    const keys = new KeyRing({ now: () => now, staleAfterMs: 60_000 });
    const { deltas, open } = directoryOf(secrets.user);
    await using served = await TestServer.start({ authenticate: keys.authenticate });
    const health = (): Promise<boolean> => checkHealth(served.transport(way));
    expect(await health()).toBe(false);
    served.keep(serveWithKeys({ server: served.server, keys, open, log: served.book.log, checkEveryMs: 5 }));
    await expect.poll(health).toBe(true);
    now = 60_001;
    await expect.poll(health).toBe(false);
    deltas.publish(heartbeat);
    await expect.poll(health).toBe(true);
  });

  test("says SERVING only while the service is ready too", async () => {
    const keys = new KeyRing();
    let isReady = false;
    const { open } = directoryOf(secrets.user);
    await using served = await TestServer.start({ authenticate: keys.authenticate });
    const health = (): Promise<boolean> => checkHealth(served.transport(way));
    const options = { server: served.server, keys, open, log: served.book.log, isReady: () => isReady, checkEveryMs: 3_600_000 };
    await using serving = serveWithKeys(options);
    await keys.ready;
    expect(await health()).toBe(false);
    isReady = true;
    serving.check();
    expect(await health()).toBe(true);
    isReady = false;
    serving.check();
    expect(await health()).toBe(false);
  });

  test("is left as it is once nobody follows the keys any more", async () => {
    const keys = new KeyRing();
    let isReady = true;
    const { open } = directoryOf(secrets.user);
    await using served = await TestServer.start({ authenticate: keys.authenticate });
    const serving = serveWithKeys({ server: served.server, keys, open, log: served.book.log, isReady: () => isReady, checkEveryMs: 5 });
    await keys.ready;
    await serving[Symbol.asyncDispose]();
    isReady = false;
    serving.check();
    expect(await checkHealth(served.transport(way))).toBe(true);
  });
});
