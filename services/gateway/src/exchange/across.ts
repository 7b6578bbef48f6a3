import type { AsChat } from "../domain/as-chat.ts";
import type { Route } from "../domain/route.ts";
import type { Dialect, Mapped } from "../providers/dialect.ts";
import { targetOf } from "./plan.ts";

/** How a client calls what the chat has that its request was made into. */
export interface ClientNames<Place> {
  /** The fields that are called otherwise. */
  readonly fields: Readonly<Record<string, string>>;
  /** A part of the content of the message that stood there. */
  partOf(place: Place, part: number): string;
}

/** A request of another API by way of a chat; what that cannot do is told by the client's own names. */
export function across<Place extends { readonly path: string }>(
  dialect: Dialect, { chat, places, unsupported }: AsChat<Place>, names: ClientNames<Place>, route: Route, streamed: boolean,
): Mapped {
  const mapped = dialect.chat(chat, targetOf(route), streamed);
  return { ...mapped, unsupported: [...unsupported, ...mapped.unsupported.map((field) => asAsked(field, places, names))] };
}

/** A field of the chat by the client's own name for it; of a message, the part or the place that it stood in. */
function asAsked<Place extends { readonly path: string }>(field: string, places: readonly Place[], { fields, partOf }: ClientNames<Place>): string {
  const [, index, part] = /^messages\[(\d+)\](?:\.content\[(\d+)\])?/.exec(field) ?? [];
  const place = places[Number(index)];
  if (place === undefined) return fields[field] ?? field;
  return part === undefined ? place.path : partOf(place, Number(part));
}
