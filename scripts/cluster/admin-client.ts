import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";

const CALL_TIMEOUT_MS = 20_000;
const ACCEPT_TIMEOUT_MS = 30_000;
const ACCEPT_POLL_MS = 20;

/** Hard limits in the unit's smallest part, for all time. */
export interface HardLimits {
  readonly usd?: bigint;
  readonly tokens?: bigint;
}

/** A key that requests are made with. */
export interface TenantKey {
  readonly id: string;
  readonly secret: string;
}

/** An organisation with a team and keys in it. */
export interface Tenant {
  readonly organisationId: string;
  readonly teamId: string;
  readonly keys: readonly TenantKey[];
}

/** What each level is limited to. */
export interface TenantPlan {
  readonly organisation?: HardLimits;
  readonly team?: HardLimits;
  /** One entry per key. */
  readonly keys: readonly HardLimits[];
}

/** The administrative REST API as root uses it, through the first edge. */
export class AdminClient {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Calls and returns the body. @throws Error for any status but 200 */
  async call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.#cluster.edges[0]}/admin/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#cluster.secrets.ALFRED_ROOT_KEY}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const said = (await answer.json()) as Record<string, unknown>;
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(said)}`);
    return said;
  }

  /** Makes a tenant and waits until every gateway knows its keys. */
  async createTenant({ organisation, team, keys }: TenantPlan): Promise<Tenant> {
    const made = await this.call("POST", "organisations", { name: `tenant ${randomUUID()}`, limits: limitsOf(organisation) });
    const organisationId = idOf(made["organisation"]);
    const { node } = await this.call("POST", "teams", { organisationId, name: "team", limits: limitsOf(team) });
    const teamId = idOf(node);
    const created = await Promise.all(keys.map((limits, index) => this.#createKey(organisationId, teamId, `key ${index}`, limits)));
    await this.untilAccepted(created.at(-1)?.secret ?? "");
    return { organisationId, teamId, keys: created };
  }

  async #createKey(organisationId: string, parentId: string, name: string, limits: HardLimits): Promise<TenantKey> {
    const { key, secret } = await this.call("POST", "keys", { organisationId, parentId, name, limits: limitsOf(limits) });
    return { id: idOf(key), secret: String(secret) };
  }

  /** Waits until every gateway knows a key; keys are told in their order, so the last one stands for all. */
  async untilAccepted(secret: string): Promise<void> {
    const signal = AbortSignal.timeout(ACCEPT_TIMEOUT_MS);
    for (const edge of this.#cluster.edges) {
      while (!(await isAccepted(edge, secret, signal))) await delay(ACCEPT_POLL_MS);
    }
  }
}

async function isAccepted(edge: string, secret: string, signal: AbortSignal): Promise<boolean> {
  const answer = await fetch(`${edge}/v1/models`, { headers: { authorization: `Bearer ${secret}` }, signal });
  await answer.body?.cancel();
  return answer.ok;
}

function idOf(node: unknown): string {
  return (node as { readonly id: string }).id;
}

function limitsOf({ usd, tokens }: HardLimits = {}): unknown[] {
  return [...limitOf("UNIT_USD", usd), ...limitOf("UNIT_TOKENS", tokens)];
}

function limitOf(unit: string, hard: bigint | undefined): unknown[] {
  return hard === undefined ? [] : [{ unit, period: "PERIOD_NONE", hard: String(hard) }];
}
