import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Mesh } from "./mesh.ts";

/** An answer of the administrative REST API. */
export interface AdminAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const AT_REST_MS = 20_000;

/** The administrative REST API, as curl would call it with one key. */
export class Admin {
  readonly #mesh: Mesh;
  readonly #key: string;

  constructor(mesh: Mesh, key: string) {
    this.#mesh = mesh;
    this.#key = key;
  }

  /** Calls and returns the answer, whatever its status. */
  async call(method: string, path: string, body?: unknown): Promise<AdminAnswer> {
    const answer = await fetch(`${this.#mesh.edgeUrl}/admin/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  /** Calls and returns the body; anything but success fails the test. */
  async ok(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.call(method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** An account's USD balance of all time, as integers. */
  async balance(account: string): Promise<Record<"hard" | "posted" | "held" | "left", bigint>> {
    const { account: found } = await this.ok("GET", `accounts/${account}`);
    const { balances } = found as { balances: Record<string, string>[] };
    const usd = balances.find(({ unit, period }) => unit === "UNIT_USD" && period === "PERIOD_NONE") ?? {};
    const value = (name: string): bigint => BigInt(usd[name] ?? 0);
    return { hard: value("hard"), posted: value("posted"), held: value("held"), left: value("left") };
  }

  /** The same, once gateways have given back what they hold of it: credit that nobody asks for comes back in a second. */
  async balanceAtRest(account: string): Promise<Awaited<ReturnType<Admin["balance"]>>> {
    for (const giveUp = AbortSignal.timeout(AT_REST_MS); ; await delay(20)) {
      const balance = await this.balance(account);
      if (balance.held === 0n) return balance;
      if (giveUp.aborted) throw new Error(`${balance.held} nano-dollars are still held on ${account}.`);
    }
  }
}

/** A tenant of its own: an organisation, an administrator's key, a team and a user's key with limits as asked. */
export interface Tenant {
  readonly organisationId: string;
  readonly adminKey: string;
  readonly adminKeyId: string;
  readonly teamId: string;
  readonly key: string;
  readonly keyId: string;
  readonly admin: Admin;
}

/** Hard limits in nano-dollars for all time, by level. */
export interface TenantLimits {
  readonly organisation?: bigint;
  readonly team?: bigint;
  readonly key?: bigint;
}

/** Makes a tenant through the public face. */
export async function createTenant(mesh: Mesh, limits: TenantLimits = {}): Promise<Tenant> {
  const root = new Admin(mesh, mesh.rootKey);
  const { organisation } = await root.ok("POST", "organisations", { name: `tenant ${randomUUID()}`, limits: usdLimits(limits.organisation) });
  const organisationId = (organisation as { id: string }).id;
  const made = await root.ok("POST", "keys", { organisationId, name: "administrator", role: "ROLE_ADMIN" });
  const admin = new Admin(mesh, made["secret"] as string);
  const { node } = await admin.ok("POST", "teams", { name: "research", limits: usdLimits(limits.team) });
  const teamId = (node as { id: string }).id;
  const user = await admin.ok("POST", "keys", { parentId: teamId, name: "application", limits: usdLimits(limits.key) });
  const tenant = { organisationId, admin, adminKey: made["secret"] as string, teamId, key: user["secret"] as string };
  const [adminKeyId, keyId] = [made, user].map(({ key }) => (key as { id: string }).id) as [string, string];
  await accepted(mesh, tenant.key);
  return { ...tenant, adminKeyId, keyId };
}

/** Keys reach the gateways by a stream: waits until this one has. */
export async function accepted(mesh: Mesh, key: string): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  while (!(await fetch(`${mesh.edgeUrl}/v1/models`, { headers })).ok) await new Promise((resolve) => setTimeout(resolve, 10));
}

function usdLimits(hard: bigint | undefined): unknown[] {
  return hard === undefined ? [] : [{ unit: "UNIT_USD", period: "PERIOD_NONE", hard: String(hard) }];
}
