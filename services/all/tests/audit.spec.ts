import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createTenant, type Tenant } from "./admin.ts";
import type { Mesh } from "./mesh.ts";

interface Link {
  readonly sequence: string;
  readonly previousHash: string;
  readonly hash: string;
  readonly eventBytes: string;
  readonly event: Record<string, unknown>;
}

/** What a security officer checks, with nothing but the published rule. */
export function auditSpec(mesh: () => Mesh): void {
  describe("the audit chain", () => {
    test("holds what happened, in order, and anyone can verify it", async () => {
      const tenant = await createTenant(mesh(), { team: 5_000_000n });
      await tenant.admin.ok("POST", `keys/${tenant.keyId}:revoke`, {});
      const links = await linksWith(tenant, "keyRevoked");
      const kinds = links.flatMap(({ event }) => Object.keys(event));
      for (const kind of ["organisationCreated", "nodeCreated", "keyCreated", "accountCreated", "keyRevoked"]) expect(kinds).toContain(kind);
      let previous = Buffer.alloc(32);
      for (const [index, link] of links.entries()) {
        expect(BigInt(link.sequence)).toBe(BigInt(index + 1));
        expect(link.previousHash).toBe(previous.toString("base64"));
        previous = linkHash(previous, link);
        expect(link.hash).toBe(previous.toString("base64"));
      }
      expect(await tenant.admin.ok("GET", "events:verify")).toMatchObject({ whole: true });
    });

    test("never holds a key's secret", async () => {
      const tenant = await createTenant(mesh());
      const links = await linksWith(tenant, "keyCreated");
      const text = links.map(({ eventBytes }) => Buffer.from(eventBytes, "base64").toString("latin1")).join();
      expect(text).not.toContain(tenant.key);
    });
  });
}

/** The chain, once it holds an event of that kind: events arrive by a stream. */
async function linksWith({ admin }: Tenant, kind: string): Promise<Link[]> {
  const list = async (): Promise<Link[]> => ((await admin.ok("GET", "events?page_size=1000"))["events"] ?? []) as Link[];
  await expect.poll(async () => (await list()).some(({ event }) => kind in event), { timeout: 20_000 }).toBe(true);
  return list();
}

function linkHash(previous: Buffer, { sequence, eventBytes }: Link): Buffer<ArrayBuffer> {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(sequence));
  return createHash("sha256").update(previous).update(number).update(Buffer.from(eventBytes, "base64")).digest();
}
