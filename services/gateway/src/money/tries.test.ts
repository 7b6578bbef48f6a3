import { fail } from "@alfred/errors";
import { describe, expect, test } from "vitest";
import type { Charge } from "../domain/charge.ts";
import type { Admission, AdmissionRequest } from "../domain/money-port.ts";
import { type Ask, tryAll } from "./tries.ts";

const charge = (nanos: bigint): Charge => ({ nanos, tokens: 0n });

function requestOf(fields: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    id: "req_1", isRepeatable: false, path: { organisationId: "org_1", timeZone: "UTC", accounts: [] }, fingerprint: "",
    worst: charge(100n), least: charge(10n),
    tighter: () => Promise.resolve(charge(60n)),
    shorter: ({ metadata }) => Promise.resolve(metadata["clamp"] === "true" ? charge(BigInt(metadata["left"] ?? 0)) : undefined),
    draft: () => undefined,
    signal: new AbortController().signal,
    ...fields,
  };
}

/** A budget that says what is left each time it is asked, and what it was asked for. */
function budget(lefts: readonly bigint[], clamp = false): { readonly ask: Ask; readonly asked: string[] } {
  const asked: string[] = [];
  const ask: Ask = async ({ nanos }, name, isClamped) => {
    const left = lefts[asked.length] ?? 0n;
    asked.push(`${nanos}${name}`);
    if (nanos <= left) return { admission: { held: charge(nanos), isClamped } as Admission };
    return { denial: fail("INSUFFICIENT_QUOTA", "Spent.", { metadata: { unit: "usd", left: String(left), ...(clamp ? { clamp: "true" } : {}) } }) };
  };
  return { ask, asked };
}

describe("asking for money", () => {
  test("asks once where it is there", async () => {
    const { ask, asked } = budget([100n]);
    expect((await tryAll(requestOf(), ask)).admission?.held).toEqual(charge(100n));
    expect(asked).toEqual(["100"]);
  });

  test("counts more closely where it is not", async () => {
    const { ask, asked } = budget([70n, 70n]);
    expect((await tryAll(requestOf(), ask)).admission).toMatchObject({ held: charge(60n), isClamped: false });
    expect(asked).toEqual(["100", "60t"]);
  });

  test("does not where even the least is more than is left", async () => {
    const { ask, asked } = budget([5n]);
    expect((await tryAll(requestOf(), ask)).denial?.code).toBe("INSUFFICIENT_QUOTA");
    expect(asked).toEqual(["100"]);
  });

  test("cuts to what is left where the limit says so, again where that is gone meanwhile, and not for ever", async () => {
    const { ask, asked } = budget([50n, 50n, 40n, 30n], true);
    expect((await tryAll(requestOf(), ask)).denial).toBeDefined();
    expect(asked).toEqual(["100", "60t", "50c1", "40c2", "30c3"]);
    const enough = budget([50n, 50n, 50n], true);
    expect((await tryAll(requestOf(), enough.ask)).admission).toMatchObject({ held: charge(50n), isClamped: true });
  });

  test("waits for what is given back before it cuts", async () => {
    const { ask, asked } = budget([50n, 50n, 60n], true);
    const { admission } = await tryAll(requestOf(), ask, () => Promise.resolve());
    expect(admission).toMatchObject({ held: charge(60n), isClamped: false });
    expect(asked).toEqual(["100", "60t", "60r"]);
  });

  test("waits for what is given back after it cut, too", async () => {
    const { ask, asked } = budget([50n, 50n, 50n, 5n, 50n], true);
    const { admission } = await tryAll(requestOf(), ask, () => Promise.resolve());
    expect(admission).toMatchObject({ held: charge(50n), isClamped: true });
    expect(asked).toEqual(["100", "60t", "60r", "50c1", "50c1r"]);
  });

  test("tells of the denial where the wallet is away afterwards", async () => {
    const { ask } = budget([50n]);
    const away: Ask = (worst, name, isClamped) => (name === "" ? ask(worst, name, isClamped) : Promise.reject(fail("UNAVAILABLE", "Away.")));
    expect((await tryAll(requestOf(), away)).denial?.code).toBe("INSUFFICIENT_QUOTA");
  });
});
