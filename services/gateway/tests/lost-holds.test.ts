import { fail } from "@alfred/errors";
import { describe, expect, test } from "vitest";
import { Rig, chatOf, failureOf } from "./rig.ts";

const REPEATED = { requestId: "order-1", idempotent: true, clientRequestId: "", tags: {}, routeHeaders: {} };

const askOnce = (rig: Rig) => rig.gateway.createChatCompletion({ call: REPEATED, chat: chatOf("Hi") }, { retry: false });

/** The next hold is made, and its answer gets lost. */
function loseReservation(rig: Rig): void {
  rig.peers.wallet.after.reserve = async () => {
    rig.peers.wallet.after = {};
    throw fail("UNAVAILABLE", "The connection broke.");
  };
}

describe("a hold that nobody heard of", () => {
  test("goes to the next try of the same request", async () => {
    await using rig = await Rig.start();
    loseReservation(rig);
    expect(await failureOf(askOnce(rig))).toMatchObject({ code: "UNAVAILABLE" });
    const { receipt } = await askOnce(rig);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(receipt?.cost?.value);
    expect(rig.sim.requests.length).toBe(1);
  });

  test("goes back where nobody asks for it again", async () => {
    await using rig = await Rig.start();
    loseReservation(rig);
    expect(await failureOf(askOnce(rig))).toMatchObject({ code: "UNAVAILABLE" });
    await rig.peers.wallet.settled();
    expect([rig.peers.wallet.books.size, rig.peers.wallet.posted, rig.sim.requests.length]).toEqual([1, 0n, 0]);
    await askOnce(rig);
    expect(rig.peers.wallet.posted).toBeGreaterThan(0n);
  });

  test("stays where another gateway made it for the same request", async () => {
    await using rig = await Rig.start();
    loseReservation(rig);
    expect(await failureOf(askOnce(rig))).toMatchObject({ code: "UNAVAILABLE" });
    for (const [id, { request, ...rest }] of rig.peers.wallet.reservations) {
      rig.peers.wallet.reservations.set(id, { ...rest, request: { ...request, gatewayId: "gw_other" } });
    }
    expect(await failureOf(askOnce(rig))).toMatchObject({ code: "REQUEST_IN_PROGRESS" });
    await expect.poll(() => rig.peers.wallet.calls.filter((call) => call.startsWith("reserve")).length, { timeout: 10_000 }).toBeGreaterThan(2);
    await rig.service[Symbol.asyncDispose]();
    expect(rig.peers.wallet.calls.some((call) => call.startsWith("settle"))).toBe(false);
  });
});
