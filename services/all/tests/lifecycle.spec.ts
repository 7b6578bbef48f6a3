import { describe, expect, test } from "vitest";
import { Admin, createTenant } from "./admin.ts";
import { DEMO_BUDGET_USD, type Mesh } from "./mesh.ts";

/** Starting, stopping and starting again, as the operator of one machine does. */
export function lifecycleSpec(mesh: () => Mesh): void {
  describe("running it", () => {
    test("ends its start with a banner: addresses, key, a curl and a grpcurl that work when pasted", () => {
      const { output, edgeUrl, demoKey } = mesh();
      expect(output).toContain(`${edgeUrl}/v1/chat/completions`);
      expect(output).toContain(demoKey);
      expect(output).toContain("grpcurl -plaintext");
      expect(output).toContain(mesh().address("WALLET"));
    });

    test("refuses a second one on the same folder with one sentence", async () => {
      const { output, code } = await mesh().second();
      expect(code).toBe(1);
      expect(output.trim().split("\n").at(-1)).toContain("Another Alfred uses the data folder");
    });

    test("gives the demo organisation its budget", async () => {
      const root = new Admin(mesh(), mesh().rootKey);
      const { organisations } = await root.ok("GET", "organisations");
      const demo = (organisations as { id: string; name: string }[]).find(({ name }) => name === "Demo");
      expect((await root.balance(demo?.id ?? "")).hard).toBe(BigInt(DEMO_BUDGET_USD) * 1_000_000_000n);
    });

    test("stops cleanly on Ctrl-C, and has everything when it starts again", async () => {
      const tenant = await createTenant(mesh(), { team: 3_000_000n });
      expect(await mesh().interrupt()).toBe(0);
      await mesh().restart({ ALFRED_DEMO_BUDGET_USD: "26.000000001" });
      expect((await tenant.admin.balance(tenant.teamId)).hard).toBe(3_000_000n);
      const root = new Admin(mesh(), mesh().rootKey);
      const { organisations } = await root.ok("GET", "organisations");
      const demo = (organisations as { id: string; name: string }[]).find(({ name }) => name === "Demo");
      expect((await root.balance(demo?.id ?? "")).hard).toBe(26_000_000_001n);
      expect(await tenant.admin.ok("GET", "events:verify")).toMatchObject({ whole: true });
    });
  });
}
