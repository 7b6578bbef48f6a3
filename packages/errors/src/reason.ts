import { ErrorReason } from "@alfred/contracts";

/** A reason that can be sent: every value of the contract's enum but "not stated" and ts-proto's own marker. */
export type Reason = Exclude<
  ErrorReason,
  typeof ErrorReason.ERROR_REASON_UNSPECIFIED | typeof ErrorReason.UNRECOGNIZED
>;

type NameOf<Key> = Key extends `ERROR_REASON_${infer Name}` ? Exclude<Name, "UNSPECIFIED"> : never;

/** A reason's stable name, as `ErrorInfo.reason` carries it: "NOT_FOUND". */
export type ReasonName = NameOf<keyof typeof ErrorReason>;

const PREFIX = "ERROR_REASON_";

function sendable([name, value]: [string, ErrorReason]): boolean {
  return name.startsWith(PREFIX) && value !== ErrorReason.ERROR_REASON_UNSPECIFIED;
}

const byName: ReadonlyMap<string, Reason> = new Map(
  Object.entries(ErrorReason)
    .filter(sendable)
    .map(([name, value]) => [name.slice(PREFIX.length), value as Reason]),
);

/** The reason of that name, or undefined: a newer peer may send one that is not known here. */
export function reasonOfName(name: string): Reason | undefined {
  return byName.get(name);
}
