import { readFileSync } from "node:fs";
import { simBaseUrls } from "@alfred/provider-sim";
import { expect, test } from "vitest";

/** Where `npm run provider-sim` listens unless it is told otherwise. */
const SIMULATOR = "http://127.0.0.1:8090";

test("infra/config/simulated.example.yaml, which docs/guides are followed with, has each provider of the simulator at its place there", () => {
  const file = readFileSync(new URL("../../../../infra/config/simulated.example.yaml", import.meta.url), "utf8");
  const given = [...file.matchAll(/^ {2}(\w+): \{ base_url: "([^"]+)" \}$/gm)].map(([, id, url]) => [id, url]);
  expect(Object.fromEntries(given)).toEqual(simBaseUrls(SIMULATOR));
});
