import { Event } from "@alfred/contracts";
import type { LimitChanged } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import type { NewEvent } from "@alfred/postgres";
import type { EventPayload, LimitChange, WalletEvent } from "./domain/event.ts";
import { accountToWire, periodToWire, reservationToWire, transferToWire, unitToWire } from "./rpc/mappers.ts";

const SOURCE = "wallet";

/** The event as the outbox keeps it: serialised once, with the number that the outbox gives it. */
export function toOutbox(event: WalletEvent): NewEvent {
  const { organisationId, origin, payload } = event;
  const eventId = newId("evt");
  const occurredAt = new Date(event.occurTimeMs);
  const serialise = (sourceSeq: bigint): Uint8Array =>
    Event.encode({
      eventId,
      organisationId,
      source: SOURCE,
      sourceSeq,
      occurTime: occurredAt,
      actor: origin.actor,
      requestId: origin.requestId,
      payload: payloadToWire(payload),
    }).finish();
  return { eventId, organisationId, source: SOURCE, type: payload.type, occurredAt, serialise };
}

function payloadToWire(payload: EventPayload): Event["payload"] {
  switch (payload.type) {
    case "account_created":
      return { $case: "accountCreated", value: accountToWire(payload.state) };
    case "limit_changed":
      return { $case: "limitChanged", value: limitChangeToWire(payload.change) };
    case "settled":
      return { $case: "settled", value: reservationToWire(payload.lease) };
    case "suspended":
      return { $case: "suspended", value: reservationToWire(payload.lease) };
    case "refunded":
      return { $case: "refunded", value: transferToWire(payload.transfer) };
  }
}

function limitChangeToWire({ accountId, unit, period, hardBefore, hardAfter }: LimitChange): LimitChanged {
  return { accountId, unit: unitToWire(unit), period: periodToWire(period), hardBefore, hardAfter };
}
