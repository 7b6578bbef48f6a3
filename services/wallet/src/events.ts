import { Event } from "@alfred/contracts";
import type { LeaseCharged, LeaseClosed, LimitChanged } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import type { NewEvent } from "@alfred/postgres";
import type { EventPayload, LeaseCharge, LeaseClosure, LimitChange, WalletEvent } from "./domain/event.ts";
import { accountToWire, amountsToWire, leaseToWire, periodToWire, reservationToWire, transferToWire, unitToWire, warningToWire } from "./rpc/mappers.ts";

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
    case "lease_charged":
      return { $case: "leaseCharged", value: leaseChargeToWire(payload.charge) };
    case "lease_suspended":
      return { $case: "leaseSuspended", value: leaseToWire(payload.lease) };
    case "lease_closed":
      return { $case: "leaseClosed", value: leaseClosureToWire(payload.closure) };
    case "soft_limit_passed":
      return { $case: "softLimitPassed", value: warningToWire(payload.warning) };
  }
}

function limitChangeToWire({ unit, period, ...change }: LimitChange): LimitChanged {
  return { ...change, unit: unitToWire(unit), period: periodToWire(period) };
}

function leaseChargeToWire({ leaseId, accountId, records, amounts }: LeaseCharge): LeaseCharged {
  const recordNumbers = records.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => BigInt(first + index)));
  return { leaseId, accountId, recordNumbers, amounts: amountsToWire(amounts) };
}

function leaseClosureToWire({ lease, cost, reason, forced }: LeaseClosure): LeaseClosed {
  return { lease: leaseToWire(lease), cost: amountsToWire(cost), reason, forced };
}
