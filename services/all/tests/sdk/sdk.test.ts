import { afterAll, beforeAll, describe } from "vitest";
import { Mesh } from "../mesh.ts";
import { aiSdkFacesSpec } from "./ai-sdk-faces.spec.ts";
import { aiSdkStoredSpec } from "./ai-sdk-stored.spec.ts";
import { aiSdkSpec } from "./ai-sdk.spec.ts";
import { anthropicNodeSpec } from "./anthropic-node.spec.ts";
import type { Running } from "./asked.ts";
import { batchesSpec } from "./batches.spec.ts";
import { filesSpec } from "./files.spec.ts";
import { langChainFacesSpec } from "./langchain-faces.spec.ts";
import { hearingSpec } from "./hearing.spec.ts";
import { imageEditsSpec } from "./image-edits.spec.ts";
import { langChainSpec } from "./langchain.spec.ts";
import { meteredSpec } from "./metered.spec.ts";
import { openAiAgentsSpec } from "./openai-agents.spec.ts";
import { openAiFacesSpec } from "./openai-faces.spec.ts";
import { openAiNodeSpec } from "./openai-node.spec.ts";
import { OWN_PRICES, providerVariables } from "./providers.ts";
import { pythonSpec } from "./python.spec.ts";
import { Records } from "./records.ts";
import { responsesNodeSpec } from "./responses-node.spec.ts";
import { streamEndingsSpec } from "./stream-endings.spec.ts";

// One mesh in one process, all twelve providers switched on as an operator does it, and the clients that applications use.
let started: (Running & AsyncDisposable) | undefined;
const running = (): Running => {
  if (started === undefined) throw new Error("The mesh is not running.");
  return started;
};

beforeAll(async () => {
  await using stack = new AsyncDisposableStack();
  const mesh = stack.use(await Mesh.start("one process", { environment, prices: OWN_PRICES }));
  const records = stack.use(await Records.follow(mesh));
  const parts = stack.move();
  started = { mesh, records, [Symbol.asyncDispose]: () => parts.disposeAsync() };
});
afterAll(() => started?.[Symbol.asyncDispose]());

// Side by side: most of the time is spent waiting for one another.
describe.concurrent("behind one mesh", () => {
  openAiNodeSpec(running);
  openAiFacesSpec(running);
  hearingSpec(running);
  imageEditsSpec(running);
  responsesNodeSpec(running);
  openAiAgentsSpec(running);
  anthropicNodeSpec(running);
  meteredSpec(running);
  filesSpec(running);
  batchesSpec(running);
  aiSdkSpec(running);
  aiSdkStoredSpec(running);
  aiSdkFacesSpec(running);
  langChainSpec(running);
  langChainFacesSpec(running);
  pythonSpec(running);
  streamEndingsSpec(running);
});

function environment(simulatorUrl: string): NodeJS.ProcessEnv {
  return {
    ...providerVariables(simulatorUrl),
    ALFRED_DEMO_BUDGET_USD: "1000",
    // Failures are asked for here: they are told at the first try, and silence soon.
    ALFRED_UPSTREAM_MAX_ATTEMPTS: "1",
    ALFRED_UPSTREAM_IDLE_TIMEOUT_MS: "3000",
  };
}
