import { describe, expect, test } from "vitest";
import { DenialMemory } from "./denial-memory.ts";
import { denialOf, KEY_PATH, pathOf, worth } from "./lease-stage.ts";

const DENIAL = denialOf("BUDGET_HELD");

describe("a remembered denial", () => {
  test("keeps the least amount that was denied", () => {
    const memory = new DenialMemory(1_000);
    memory.remember("org_1", worth(20), DENIAL, 0, 0);
    memory.remember("org_1", worth(10), DENIAL, 500, 500);
    memory.remember("org_1", worth(30), DENIAL, 900, 900);
    expect(memory.find(KEY_PATH, worth(10), 1_499)).toBe(DENIAL);
    expect(memory.find(KEY_PATH, worth(9), 1_000)).toBeUndefined();
    expect(memory.find(KEY_PATH, worth(50), 1_500)).toBeUndefined();
  });

  test("is of one organisation and one account", () => {
    const memory = new DenialMemory(1_000);
    memory.remember("org_1", worth(10), DENIAL, 0, 0);
    expect(memory.find({ ...KEY_PATH, organisationId: "org_2" }, worth(10), 0)).toBeUndefined();
    expect(memory.find(pathOf("key_1", "team_2"), worth(10), 0)).toBeUndefined();
  });

  test("goes with a release under its account, and with its time", () => {
    const memory = new DenialMemory(1_000);
    memory.remember("org_1", worth(10), DENIAL, 0, 0);
    memory.release(pathOf("key_2", "team_2"), 0);
    memory.prune(999);
    expect(memory.find(KEY_PATH, worth(10), 0)).toBe(DENIAL);
    memory.release(pathOf("key_2", "team_1"), 0);
    expect(memory.find(KEY_PATH, worth(10), 0)).toBeUndefined();
    memory.remember("org_1", worth(10), DENIAL, 0, 0);
    memory.prune(1_000);
    expect(memory.find(KEY_PATH, worth(10), 0)).toBeUndefined();
  });

  test("is none where money came back after it was asked for", () => {
    const memory = new DenialMemory(1_000);
    memory.release(KEY_PATH, 100);
    memory.remember("org_1", worth(10), DENIAL, 200, 100);
    expect(memory.find(KEY_PATH, worth(10), 200)).toBeUndefined();
    memory.remember("org_1", worth(10), DENIAL, 200, 101);
    expect(memory.find(KEY_PATH, worth(10), 200)).toBe(DENIAL);
  });

  test("is one of ten thousand at most", () => {
    const memory = new DenialMemory(1_000);
    for (let index = 0; index <= 10_000; index += 1) {
      memory.remember("org_1", worth(10), denialOf("BUDGET_HELD", { account: `account_${index}` }), 0, 0);
    }
    expect(memory.find(pathOf("account_9999"), worth(10), 0)).toBeDefined();
    expect(memory.find(pathOf("account_10000"), worth(10), 0)).toBeUndefined();
    memory.forget("org_1");
    memory.remember("org_1", worth(10), DENIAL, 0, 0);
    expect(memory.find(KEY_PATH, worth(10), 0)).toBe(DENIAL);
  });
});
