/** What comes over the bus, told apart: events, and messages that cannot be trusted to be one. */
import { Event } from "@alfred/contracts";

/** What the envelope of a message says of the event in it. */
export interface Envelope {
  readonly eventId: string;
  readonly organisationId: string;
  readonly source: string;
  readonly sourceSeq: bigint;
}

const MAX_EVENT_ID = 128;

/**
 * Why these bytes cannot be chained, or undefined where they can. The bytes must be an event, and say of themselves
 * what the envelope says of them. A payload that is not known here is a newer service's, and chained like any other.
 */
export function faultOfMessage(envelope: Envelope, bytes: Uint8Array): string | undefined {
  const event = decode(bytes);
  if (event === undefined) return "not a serialised event";
  if (event.eventId === "" || event.eventId.length > MAX_EVENT_ID || event.eventId.includes("\0")) {
    return "no usable event id";
  }
  // The id also names the file of checkpoints.
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(event.organisationId)) return "no usable organisation id";
  return differenceFrom(envelope, event);
}

function differenceFrom(envelope: Envelope, event: Event): string | undefined {
  if (envelope.eventId !== event.eventId) return "the envelope names another event id";
  if (envelope.organisationId !== event.organisationId) return "the envelope names another organisation";
  if (envelope.source !== event.source) return "the envelope names another source";
  if (envelope.sourceSeq !== event.sourceSeq) return "the envelope names another source sequence";
  return undefined;
}

function decode(bytes: Uint8Array): Event | undefined {
  try {
    return Event.decode(bytes);
  } catch {
    return undefined;
  }
}
