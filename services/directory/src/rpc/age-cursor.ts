import type { Cursor } from "../domain/page.ts";

/** The place of an object in a list that is ordered by age. */
export function ageCursor(object: { readonly id: string; readonly createTime: Date }): Cursor {
  return { timeMs: object.createTime.getTime(), id: object.id };
}
