import { AlfredError, fail } from "@alfred/errors";
import type { Interceptor } from "../interceptor.ts";
import type { ServerCall } from "../server-call.ts";

/** Lets AlfredErrors through; anything else is logged whole and shown as INTERNAL, with nothing of what it says. */
export function errorBoundary(): Interceptor {
  return async (call, next) => {
    try {
      await next(call);
    } catch (error) {
      throw presentable(error, call);
    }
  };
}

function presentable(error: unknown, call: ServerCall): AlfredError {
  if (error instanceof AlfredError) {
    if (error.code === "INTERNAL") call.log.error({ err: error }, "call failed");
    return error;
  }
  call.log.error({ err: error }, "call failed");
  return fail("INTERNAL", "Something went wrong on our side.", { metadata: { request_id: call.requestId } });
}
