import { type WatchProviderHealthResponse, breakerStateToJSON, checkResultToJSON, providerStateToJSON } from "@alfred/contracts";

/** A watch of the health of providers, from its beginning on. */
export type Watch = AsyncIterator<WatchProviderHealthResponse, undefined>;

/** The next message; undefined at the end. */
export async function read(watch: Watch): Promise<WatchProviderHealthResponse | undefined> {
  const step = await watch.next();
  return step.value;
}

/** What a message says in a line, besides that all was sent: "openai: UNAVAILABLE OPEN failed". */
function lineOf({ event }: WatchProviderHealthResponse): string {
  if (event?.$case === "removedProviderId") return `no ${event.value}`;
  if (event?.$case !== "provider") return event?.$case ?? "";
  const { providerId, state, deployments, lastCheck } = event.value;
  const breakers = deployments.map((each) => breakerStateToJSON(each.state).replace("BREAKER_STATE_", ""));
  const check = lastCheck === undefined ? [] : [checkResultToJSON(lastCheck.result).replace("CHECK_RESULT_", "").toLowerCase()];
  return `${providerId}: ${[providerStateToJSON(state).replace("PROVIDER_STATE_", ""), ...breakers, ...check].join(" ")}`;
}

/** The next lines, as many as that. */
export async function nextLines(watch: Watch, count: number): Promise<string[]> {
  const lines: string[] = [];
  while (lines.length < count) {
    const message = await read(watch);
    if (message === undefined) break;
    if (message.event?.$case !== "synced") lines.push(lineOf(message));
  }
  return lines;
}

/** The lines up to this one. */
export async function linesUntil(watch: Watch, last: string): Promise<string[]> {
  const lines: string[] = [];
  while (lines.at(-1) !== last) {
    const [line] = await nextLines(watch, 1);
    if (line === undefined) break;
    lines.push(line);
  }
  return lines;
}
