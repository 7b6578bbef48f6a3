/** Calls that a service has answered since it started, by method: "AcquireLease". */
export async function rpcCalls(metricsUrl: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(metricsUrl)).text();
  const counts = new Map<string, number>();
  for (const [, method = "", count] of text.matchAll(/^alfred_rpc_calls_total\{[^}]*method="[^"]*?(\w+)"[^}]*\} (\d+)$/gm)) {
    counts.set(method, (counts.get(method) ?? 0) + Number(count));
  }
  return counts;
}

/** How often a method was called between two looks. */
export function callsBetween(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>, method: string): number {
  return (after.get(method) ?? 0) - (before.get(method) ?? 0);
}
