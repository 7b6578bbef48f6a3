import { Role } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { describe, expect, it } from "vitest";
import { Arrivals } from "../arrivals.ts";
import type { Account } from "../domain/account.ts";
import { findAccount } from "./find-account.ts";

const account: Account = { id: "team", organisationId: "org", parentId: "org", kind: "team", path: ["team", "org"], timeZone: "", limits: [], createTimeMs: 0 };

function contextWith(signal = new AbortController().signal): CallContext {
  const principal = { role: Role.ROLE_SERVICE, tenant: undefined, organisation: (id: string): string => id };
  return { signal, principal } as Partial<CallContext> as CallContext;
}

/** Accounts that are there from the `from`th look on; `looked` runs at the end of each. */
function accountsFrom(from: number, looked: () => void = () => undefined) {
  const accounts = {
    looks: 0,
    find: () => {
      accounts.looks += 1;
      const found = accounts.looks >= from ? account : undefined;
      looked();
      return Promise.resolve(found);
    },
    read: () => Promise.resolve(new Map()),
  };
  return accounts;
}

describe("findAccount", () => {
  it("looks once for an account that is there", async () => {
    const accounts = accountsFrom(1);
    expect(await findAccount({ accounts, arrivals: new Arrivals() }, "team", contextWith())).toBe(account);
    expect(accounts.looks).toBe(1);
  });

  it("looks twice for an account that does not exist, however long it waits", async () => {
    const accounts = accountsFrom(Infinity);
    await expect(findAccount({ accounts, arrivals: new Arrivals() }, "team", contextWith())).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(accounts.looks).toBe(2);
  });

  it("hears of an account that comes up while it looks", async () => {
    const arrivals = new Arrivals();
    const accounts = accountsFrom(2, () => arrivals.tell(["other", "team"]));
    expect(await findAccount({ accounts, arrivals }, "team", contextWith())).toBe(account);
    expect(accounts.looks).toBe(2);
  });

  it("goes with its caller", async () => {
    const leave = new AbortController();
    const accounts = accountsFrom(Infinity, () => leave.abort());
    await expect(findAccount({ accounts, arrivals: new Arrivals() }, "team", contextWith(leave.signal))).rejects.toThrow("abort");
    expect(accounts.looks).toBe(1);
  });
});
