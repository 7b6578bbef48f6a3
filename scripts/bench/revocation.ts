import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";
import { CreateKeyRequest, DirectoryServiceService, ListOrganisationsRequest } from "../../packages/contracts/src/index.ts";
import { createClient, socketTransport, type Client } from "../../packages/rpc/src/index.ts";
import { ROOT_KEY, type MeshCandidate } from "./mesh-candidate.ts";

/** What one key did after its end. */
export interface Revocation {
  /** From the directory's answer to the first refusal, in milliseconds. */
  readonly refusedAfterMs: number;
  /** Requests sent after the directory's answer that were served all the same. */
  readonly served: number;
}

type Directory = Client<typeof DirectoryServiceService>;

const GIVE_UP_MS = 10_000;
/** Apart by a step that divides nothing, so that keys meet timers of the mesh at every phase. */
const PAUSE_MS = 37;

/** Makes keys one after the other, uses each, revokes it, and asks on until it is refused. */
export async function measureRevocations(mesh: MeshCandidate, body: string, count: number): Promise<readonly Revocation[]> {
  await using transport = socketTransport({ address: mesh.directoryAddress });
  const directory = createClient(DirectoryServiceService, transport, { token: ROOT_KEY });
  const { organisations } = await directory.listOrganisations(ListOrganisationsRequest.create());
  const pool = new Pool(mesh.candidate.origin);
  const revocations: Revocation[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      revocations.push(await revokeOne(directory, pool, organisations[0]?.id ?? "", body));
      await delay(PAUSE_MS);
    }
  } finally {
    await pool.destroy();
  }
  return revocations;
}

async function revokeOne(directory: Directory, pool: Pool, organisationId: string, body: string): Promise<Revocation> {
  const requestId = randomUUID();
  const { key, secret } = await directory.createKey(CreateKeyRequest.create({ requestId, organisationId, name: "bench" }));
  const status = await chat(pool, secret, body);
  if (status !== 200) throw new Error(`A new key was answered ${status}.`);
  await directory.revokeKey({ requestId: randomUUID(), keyId: key?.id ?? "" });
  const answeredAt = performance.now();
  for (let served = 0; ; served += 1) {
    const refused = (await chat(pool, secret, body)) === 401;
    const refusedAfterMs = performance.now() - answeredAt;
    if (refused) return { refusedAfterMs, served };
    if (refusedAfterMs > GIVE_UP_MS) throw new Error(`A revoked key still works after ${GIVE_UP_MS} ms.`);
  }
}

async function chat(pool: Pool, key: string, body: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await pool.request({ path: "/v1/chat/completions", method: "POST", headers, body });
  await response.body.dump();
  return response.statusCode;
}
