import type { ChatRequest } from "@alfred/contracts";

/** A request in the form of another API, as a chat. */
export interface AsChat<Place> {
  readonly chat: ChatRequest;
  /** Where each message of the chat stood in the client's request. */
  readonly places: readonly Place[];
  /** Fields that a chat has no place for, by the client's names. */
  readonly unsupported: readonly string[];
}
