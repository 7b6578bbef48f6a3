import { type AlfredError, fail } from "@alfred/errors";
import type { UnavailableReason } from "../leases/effect.ts";

/** What a request is told that gets no credit, although nobody denied it any. */
export function unavailable(reason: UnavailableReason): AlfredError {
  switch (reason) {
    case "deadline":
      return fail("UNAVAILABLE", "The wallet gave no credit in time; nothing was charged.", {
        hint: "Try again shortly; tell the operator if it stays, the wallet may be away.",
      });
    case "full":
      return fail("OVERLOADED", "Too many requests wait for credit.");
    case "stopped":
      return fail("UNAVAILABLE", "The gateway is stopping.");
    case "superseded":
      return fail("UNAVAILABLE", "Another start of this gateway has taken over; nothing was charged.", {
        hint: "Try again: requests are served there. For operators: each gateway needs a journal folder of its own.",
      });
    case "disk":
      return fail("UNAVAILABLE", "The gateway cannot write its journal, so it admits nothing; nothing was charged.", {
        hint: "Try again with another gateway. For operators: see to the disk of ALFRED_GATEWAY_JOURNAL, then start the gateway anew.",
      });
  }
}
