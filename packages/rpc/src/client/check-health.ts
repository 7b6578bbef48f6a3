import type { Transport } from "../call/transport.ts";
import { healthService, ServingStatus } from "../server/health-contract.ts";
import { createClient } from "./client.ts";

const TIMEOUT_MS = 1_000;

/**
 * Whether the server says that it is SERVING; false also where it does not answer. Never rejects.
 * @param options service: one service by its full name, the server as a whole by default; timeoutMs: default 1,000
 */
export async function checkHealth(
  transport: Transport,
  options: { readonly service?: string; readonly timeoutMs?: number } = {},
): Promise<boolean> {
  const client = createClient(healthService(), transport, { timeoutMs: options.timeoutMs ?? TIMEOUT_MS });
  try {
    const { status } = await client.check({ service: options.service ?? "" }, { retry: false });
    return status === ServingStatus.SERVING;
  } catch {
    return false;
  }
}
