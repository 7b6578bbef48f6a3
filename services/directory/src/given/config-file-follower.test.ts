import { createLogger } from "@alfred/telemetry";
import { describe, expect, it } from "vitest";

import { SecretBox } from "../store/secret-box.ts";
import { ConfigFileFollower } from "./config-file-follower.ts";
import type { ConfigFileReading } from "./config-file.ts";
import { Given } from "./given.ts";

/** A file that holds one alias. */
const reading = (name: string): ConfigFileReading => ({
  fingerprint: name,
  content: { providers: [], deployments: [], aliases: [{ alias: name, model: "m" }], rules: [] },
});

/** Follows a file that is found as these, look by look, and then as the last; what was applied, and what was told. */
async function follow(looks: readonly string[], fail: (attempt: number) => void = () => undefined) {
  const given = { current: new Given([], "config.yaml") };
  const applied: string[] = [];
  const outcomes: string[] = [];
  const done = Promise.withResolvers<void>();
  let look = 0;
  let attempt = 0;
  const read = async (): Promise<ConfigFileReading> => {
    look += 1;
    if (look > looks.length + 2) done.resolve();
    return reading(looks[Math.min(look, looks.length) - 1] ?? "");
  };
  const seed = async (): Promise<never> => {
    fail((attempt += 1));
    applied.push(looks[Math.min(look, looks.length) - 1] ?? "");
    return { overridden: [], kept: [], withheld: [] } as never;
  };
  const log = createLogger({ name: "follower", level: "fatal" });
  const parts = { file: { path: "config.yaml", read }, given, mutations: { seed }, secrets: new SecretBox(new Uint8Array(32)), log };
  const metrics = { configFile: (outcome: string) => void outcomes.push(outcome), answered: () => undefined, watched: () => expect.unreachable() };
  await using _ = new ConfigFileFollower({ ...parts, metrics, pollMs: 1, retryMs: 1 }, "start");
  await done.promise;
  return { applied, outcomes, aliases: given.current.aliases.map(({ terms }) => terms.alias) };
}

describe("following the configuration file", () => {
  it("applies what was found the same twice, and so nothing half-written", async () => {
    const { applied, aliases } = await follow(["start", "ha", "half", "whole", "whole", "whole"]);
    expect([applied, aliases]).toEqual([["whole"], ["whole"]]);
  });

  it("applies nothing where what is there comes back before it was seen twice", async () => {
    expect((await follow(["start", "other", "start", "start"])).applied).toEqual([]);
  });

  it("tries again where the database fails, and gives what was applied alone", async () => {
    const { applied, outcomes, aliases } = await follow(["a", "a", "a", "a"], (attempt) => {
      if (attempt < 3) throw new Error("The database is away.");
    });
    expect([applied, outcomes, aliases]).toEqual([["a"], ["failed", "failed", "applied"], ["a"]]);
  });
});
