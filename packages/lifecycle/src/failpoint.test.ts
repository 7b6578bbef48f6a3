import { expect, test } from "vitest";
import { createFailpoints, type Failpoint, refuseFailpoints } from "./failpoint.ts";

/** The passes at which the process would end. */
function ends(env: Record<string, string>, ...passes: readonly Failpoint[]): number[] {
  const at: number[] = [];
  let pass = 0;
  const hook = createFailpoints(env, () => at.push(pass));
  for (const name of passes) {
    pass += 1;
    hook(name);
  }
  return at;
}

test("the process ends at the pass that is named, once, and at no other point", () => {
  const env = { ALFRED_FAILPOINTS: "hello-sent:2,wallet-committed:1" };
  expect(ends(env, "hello-sent", "journal-written", "hello-sent", "hello-sent", "wallet-committed")).toEqual([3, 5]);
});

test.each([{}, { ALFRED_FAILPOINTS: "" }, { ALFRED_ENV: "production", ALFRED_FAILPOINTS: "hello-sent:1" }])("nothing ends with %j", (env) => {
  expect(ends(env, "hello-sent")).toEqual([]);
});

test("production refuses them, and what is misspelt is refused everywhere", () => {
  const refuse = (env: Record<string, string>) => () => refuseFailpoints(env);
  expect(refuse({ ALFRED_ENV: "production", ALFRED_FAILPOINTS: "hello-sent:1" })).toThrow("which production refuses");
  expect(refuse({ ALFRED_FAILPOINTS: "hello-sent" })).toThrow("it takes name:pass");
  expect(refuse({ ALFRED_FAILPOINTS: "helo-sent:1" })).toThrow("it takes name:pass");
  expect(refuse({ ALFRED_FAILPOINTS: "hello-sent:1" })).not.toThrow();
  expect(refuse({})).not.toThrow();
});
