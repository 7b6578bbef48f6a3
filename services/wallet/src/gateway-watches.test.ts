import { createLogger } from "@alfred/telemetry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GatewayStart, LeaseNews } from "./gateway-watch.ts";
import { GatewayWatches } from "./gateway-watches.ts";
import type { LimitsChange } from "./gateway-watches.ts";

/** What another process of the wallet wrote. */
class Elsewhere {
  present: GatewayStart[] = [];
  leases = new Map<string, ReadonlySet<string>>();
  changes: LimitsChange[] = [];

  readonly starts = (): Promise<readonly GatewayStart[]> => Promise.resolve(this.present);
  readonly recalled = (): Promise<ReadonlyMap<string, ReadonlySet<string>>> => Promise.resolve(this.leases);
  readonly limitsChanged = (): Promise<readonly LimitsChange[]> => Promise.resolve(this.changes);
}

const first: GatewayStart = { gatewayId: "gw", startId: "first", incarnation: 1n };
const second: GatewayStart = { gatewayId: "gw", startId: "second", incarnation: 2n };
const log = createLogger({ name: "test", level: "silent" });

let elsewhere: Elsewhere;
let watches: GatewayWatches;
let leave: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  elsewhere = new Elsewhere();
  watches = new GatewayWatches({ books: elsewhere, now: () => 100_000, log });
  leave = new AbortController();
});
afterEach(() => {
  leave.abort();
  watches[Symbol.dispose]();
  vi.useRealTimers();
});

/** Reads a stream to its end. */
function listen(start: GatewayStart): { readonly news: LeaseNews[]; readonly over: Promise<void> } {
  const news: LeaseNews[] = [];
  const read = async (): Promise<void> => {
    for await (const each of watches.watch(start, leave.signal)) news.push(each);
  };
  return { news, over: read() };
}

const pass = async (ms: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(ms));

describe("a gateway that watches", () => {
  it("hears at once what was recalled before it came and what is recalled here, each once", async () => {
    elsewhere.leases.set("gw", new Set(["before"]));
    const { news } = listen(first);
    await pass(0);
    watches.recalled([{ id: "here", gatewayId: "gw" }, { id: "theirs", gatewayId: "other" }]);
    elsewhere.leases.set("gw", new Set(["before", "here"]));
    await pass(1_000);
    expect(news).toEqual([{ type: "recalled", leaseIds: ["before"] }, { type: "recalled", leaseIds: ["here"] }]);
  });

  it("hears within half a second what another process did", async () => {
    const { news } = listen(first);
    await pass(0);
    elsewhere.leases.set("gw", new Set(["lease"]));
    elsewhere.changes = [{ organisationId: "org", revision: 3n, changeTimeMs: 99_000 }];
    await pass(1_000);
    expect(news).toEqual([{ type: "recalled", leaseIds: ["lease"] }, { type: "revised", organisationId: "org", revision: 3n }]);
  });

  it("is told of the latest of several changes that it has not taken yet", async () => {
    const { news } = listen(first);
    await pass(0);
    watches.limitsRevised("org", 1n);
    watches.limitsRevised("org", 2n);
    await pass(0);
    expect(news).toEqual([{ type: "revised", organisationId: "org", revision: 2n }]);
  });

  it("has its many recalled leases in several messages", async () => {
    const { news } = listen(first);
    await pass(0);
    watches.recalled(Array.from({ length: 2_500 }, (_, index) => ({ id: `l${index}`, gatewayId: "gw" })));
    await pass(0);
    expect(news.map((each) => each.type === "recalled" && each.leaseIds.length)).toEqual([1_000, 1_000, 500]);
  });

  it("hears that all is well when nothing else is to be said", async () => {
    const { news } = listen(first);
    await pass(8_500);
    expect(news).toEqual([{ type: "quiet" }, { type: "quiet" }]);
  });
});

describe("of several streams of one gateway", () => {
  it("the newer start's counts, and the older one is told", async () => {
    const older = listen(first);
    await pass(0);
    const newer = listen(second);
    await older.over;
    expect(older.news).toEqual([{ type: "superseded", startId: "second" }]);
    const late = listen(first);
    await late.over;
    expect(late.news).toEqual([{ type: "superseded", startId: "second" }]);
    watches.recalled([{ id: "lease", gatewayId: "gw" }]);
    await pass(0);
    expect(newer.news).toEqual([{ type: "recalled", leaseIds: ["lease"] }]);
  });

  it("the newest counts where they are of the same start", async () => {
    const older = listen(first);
    await pass(0);
    const newer = listen(first);
    await older.over;
    watches.recalled([{ id: "lease", gatewayId: "gw" }]);
    await pass(0);
    expect([older.news, newer.news]).toEqual([[], [{ type: "recalled", leaseIds: ["lease"] }]]);
  });

  it("one that another process superseded is told within half a second", async () => {
    const older = listen(first);
    await pass(0);
    elsewhere.present = [second];
    await pass(500);
    await older.over;
    expect(older.news).toEqual([{ type: "superseded", startId: "second" }]);
  });
});
