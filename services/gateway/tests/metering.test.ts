import { fail } from "@alfred/errors";
import { describe, expect, test } from "vitest";
import { Rig, chatOf, failureOf } from "./rig.ts";

describe("metering that is away", () => {
  test("gets every record once it is back, and only then may much more be asked", async () => {
    await using rig = await Rig.start({ env: { ALFRED_GATEWAY_MAX_BACKLOG: "3" } });
    let isAway = true;
    rig.peers.before.recordUsage = async () => {
      if (isAway) throw fail("INTERNAL", "Metering has a bad day.");
    };
    const next = () => rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
    for (let served = 0; served < 3; served += 1) await next();
    expect(await failureOf(next())).toMatchObject({ code: "OVERLOADED" });
    isAway = false;
    await rig.peers.recorded(3);
    await expect.poll(() => next().then(() => "served", () => "refused")).toBe("served");
  });

  test("that refuses one record gets the others", async () => {
    await using rig = await Rig.start();
    let refused = 0;
    const record = rig.peers.records.set.bind(rig.peers.records);
    rig.peers.records.set = (id, value) => {
      if (value.tags["bad"] === undefined) return record(id, value);
      refused += 1;
      throw fail("INVALID_ARGUMENT", "This record is not liked.");
    };
    const tagged = (tags: Record<string, string>) => rig.gateway.createChatCompletion({ call: { requestId: "", idempotent: false, clientRequestId: "", tags, routeHeaders: {} }, chat: chatOf("Hi") });
    await Promise.all([tagged({ bad: "yes" }), tagged({}), tagged({})]);
    await rig.peers.recorded(2);
    await expect.poll(() => refused).toBeGreaterThan(0);
  });
});
