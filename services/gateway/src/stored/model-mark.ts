import { createHash } from "node:crypto";

/** How long a mark is, in bytes. */
export const MARK_BYTES = 2;
const MARK = "#";

/** What is left of a model's name where there is no room for it: enough to tell whether another name is likely the same. */
export function markBytes(model: string): Buffer {
  return createHash("sha256").update(model).digest().subarray(0, MARK_BYTES);
}

/** A mark as it stands in the place of a name. */
export function markOf(bytes: Uint8Array): string {
  return MARK + Buffer.from(bytes).toString("hex");
}

/** Whether a model is the one that is known by its name, or by its mark. */
export function isModel(known: string, model: string): boolean {
  return known === model || (known.startsWith(MARK) && known === markOf(markBytes(model)));
}
