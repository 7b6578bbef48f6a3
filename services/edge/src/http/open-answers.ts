import type { ServerResponse } from "node:http";
import { AlfredError, fail } from "@alfred/errors";

/** The answers under way. */
export class OpenAnswers {
  readonly #open = new Set<AbortController>();

  /** @returns what fires when the client goes away before its answer is complete, or when there is no time left for it */
  add(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    this.#open.add(controller);
    response.once("close", () => {
      this.#open.delete(controller);
      if (!response.writableFinished) controller.abort();
    });
    return controller.signal;
  }

  /** Ends what is under way with a word of it, because the edge stops. */
  endAll(): void {
    for (const controller of this.#open) controller.abort(fail("UNAVAILABLE", "This server is stopping."));
  }
}

/** Why an answer was ended here, where it was; else what was thrown. */
export function endedBy(signal: AbortSignal, error: unknown): unknown {
  return signal.aborted && signal.reason instanceof AlfredError ? signal.reason : error;
}
