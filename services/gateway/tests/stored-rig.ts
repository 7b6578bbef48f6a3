import { AccountKind, GatewayServiceService, type ModelResponse, ProviderKind, type ResponseEvent, type ResponseRequest } from "@alfred/contracts";
import { readResponseRequest } from "@alfred/openai";
import { type Client, createClient, socketTransport } from "@alfred/rpc";
import { onTestFinished } from "vitest";
import { SECRET, keyOf } from "./peers.ts";
import { Rig, UPSTREAM_SECRET } from "./rig.ts";

export type Gateway = Client<typeof GatewayServiceService>;
export type Fields = Readonly<Record<string, unknown>>;

export const OTHER_SECRET = "key-of-another-organisation-000000001";
export const COLLEAGUE = "key-of-the-same-organisation-00000001";
const ELSEWHERE = [
  { id: "key_2", kind: AccountKind.ACCOUNT_KIND_KEY, initialLimits: [] },
  { id: "org_2", kind: AccountKind.ACCOUNT_KIND_ORGANISATION, initialLimits: [] },
];
const OTHER = keyOf("key_2", OTHER_SECRET, { organisationId: "org_2", path: { organisationId: "org_2", timeZone: "UTC", accounts: ELSEWHERE } });
const KEYS = [keyOf("key_1", SECRET), keyOf("key_3", COLLEAGUE), OTHER];

/** A gateway with keys of two organisations. */
export const start = (peers: NonNullable<Parameters<typeof Rig.start>[0]>["peers"] = {}): Promise<Rig> => Rig.start({ peers: { keys: KEYS, ...peers } });

/** The gateway as another key meets it. */
export function as({ address }: Rig, token: string): Gateway {
  const way = socketTransport({ address });
  onTestFinished(() => way[Symbol.asyncDispose]());
  return createClient(GatewayServiceService, way, { token, timeoutMs: 30_000 });
}

export const asked = (input: unknown, fields: Fields = {}): { call: undefined; response: ResponseRequest } => ({ call: undefined, response: readResponseRequest({ model: "gpt-4o-mini", input, ...fields }).response });
export const sent = (rig: Rig): Fields => JSON.parse(rig.sim.requests.last?.body ?? "{}") as Fields;

export async function create(gateway: Gateway, input: unknown, fields: Fields = {}): Promise<ModelResponse> {
  const { response } = await gateway.createResponse(asked(input, fields));
  if (response === undefined) throw new Error("There is no answer.");
  return response;
}

export async function stream(gateway: Gateway, input: unknown, fields: Fields = {}): Promise<ResponseEvent[]> {
  const events = await Array.fromAsync(gateway.streamResponse(asked(input, fields)), ({ event }) => event);
  return events.flatMap((event) => (event?.$case === "piece" ? [event.value] : []));
}

const two = (url: string) => ["eu", "us"].map((id) => ({ id, kind: ProviderKind.PROVIDER_KIND_OPENAI, priceBook: "openai", baseUrl: `${url}/v1`, secret: `${UPSTREAM_SECRET}-${id}`, region: `${id}-1` }));
const deployments = (weights: readonly number[]) => ["eu", "us"].map((id, index) => ({ id, model: "mini", providerId: id, upstreamModel: "gpt-4o-mini", weight: weights[index] ?? 1 }));
const keyed = { apiKeys: [`${UPSTREAM_SECRET}-eu`, `${UPSTREAM_SECRET}-us`] };

/** Two accounts at one simulator, which keeps for each key its own. */
export async function startTwo(weights: readonly number[]): Promise<Rig> {
  const upstream = await Rig.start({ sim: keyed });
  onTestFinished(() => upstream[Symbol.asyncDispose]());
  const rig = await Rig.start({ peers: { keys: KEYS, providers: two(upstream.simUrl), deployments: deployments(weights) } });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}
