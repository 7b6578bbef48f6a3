import { newId } from "@alfred/ids";
import { isRequestId } from "../../call/request-id.ts";
import type { Interceptor } from "../interceptor.ts";

/** Gives the call the request id that its caller sent, or a new one where that is missing or unfit. */
export function requestId(): Interceptor {
  return (call, next) => {
    const sent = call.metadata.get("x-request-id");
    call.requestId = sent !== undefined && isRequestId(sent) ? sent : newId("req");
    return next(call);
  };
}
