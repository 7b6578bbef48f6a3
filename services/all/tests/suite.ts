import { afterAll, beforeAll, describe } from "vitest";
import { auditSpec } from "./audit.spec.ts";
import { budgetSpec } from "./budget.spec.ts";
import { configurationSpec } from "./configuration.spec.ts";
import { experimentsSpec } from "./experiments.spec.ts";
import { grpcSpec } from "./grpc.spec.ts";
import { httpSpec } from "./http.spec.ts";
import { leasesSpec } from "./leases.spec.ts";
import { lifecycleSpec } from "./lifecycle.spec.ts";
import { Mesh, type Mode } from "./mesh.ts";
import { modelsSpec } from "./models.spec.ts";
import { openAiClientSpec } from "./openai-client.spec.ts";
import { providersSpec } from "./providers.spec.ts";
import { streamsSpec } from "./streams.spec.ts";
import { tenancySpec } from "./tenancy.spec.ts";

/** The whole mesh through its public faces: the same specification however it is run. */
export function meshSuite(mode: Mode): void {
  describe(`the mesh as ${mode}`, () => {
    let running: Mesh | undefined;
    const mesh = (): Mesh => {
      if (running === undefined) throw new Error("The mesh is not running.");
      return running;
    };

    beforeAll(async () => {
      running = await Mesh.start(mode);
    });
    afterAll(() => running?.[Symbol.asyncDispose]());

    openAiClientSpec(mesh);
    providersSpec(mesh);
    modelsSpec(mesh);
    configurationSpec(mesh);
    httpSpec(mesh);
    streamsSpec(mesh);
    grpcSpec(mesh);
    budgetSpec(mesh);
    leasesSpec(mesh);
    experimentsSpec(mesh);
    auditSpec(mesh);
    tenancySpec(mesh);
    lifecycleSpec(mesh);
  });
}
