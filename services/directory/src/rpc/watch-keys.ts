import type { WatchKeysRequest, WatchKeysResponse } from "@alfred/contracts";

import type { Change, Directory } from "../domain/ports.ts";
import { writeHashedKey, writeNode } from "./mappers.ts";

/** Streams keys and nodes as they are now and as they change; also what the directory's own key ring follows. */
export async function* watchKeys(
  source: Pick<Directory, "reader" | "follow">,
  request: WatchKeysRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchKeysResponse> {
  for await (const event of source.follow("keys", request.revision, signal)) {
    if (event.kind === "snapshot") yield { event: { $case: "snapshotStarted", value: {} } };
    else if (event.kind === "synced") yield { event: { $case: "synced", value: { revision: event.revision } } };
    else yield* await readObjects(source.reader, event.changes);
  }
}

async function readObjects(reader: Directory["reader"], changes: readonly Change[]): Promise<WatchKeysResponse[]> {
  const idsOf = (kind: Change["kind"]): string[] =>
    changes.filter((change) => change.kind === kind).map((change) => change.objectId);
  const [nodes, keys] = await Promise.all([reader.findNodes(idsOf("node")), reader.findKeys(idsOf("key"))]);
  const byId = new Map<string, WatchKeysResponse>();
  for (const node of nodes) byId.set(node.id, { event: { $case: "node", value: writeNode(node) } });
  for (const key of keys) byId.set(key.id, { event: { $case: "key", value: writeHashedKey(key) } });
  return changes.flatMap((change) => byId.get(change.objectId) ?? []);
}
