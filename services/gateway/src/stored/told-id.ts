import type { ModelResponse } from "@alfred/contracts";
import type { Plan } from "../exchange/plan.ts";
import type { IdSeal } from "./id-seal.ts";

/** Whose answer it is, and what was asked. */
interface ToldIdParts {
  /** Undefined where ids cannot be sealed; then nothing is kept under them either. */
  readonly seal: IdSeal | undefined;
  readonly organisationId: string;
  readonly plan: Plan;
  /** What the client goes on from, by the id that it sent. */
  readonly previousResponseId: string | undefined;
}

/** The ids under which a client is told of an answer that its provider keeps, in place of the provider's own. */
export class ToldId {
  readonly #parts: ToldIdParts;
  #id: string | undefined;

  constructor(parts: ToldIdParts) {
    this.#parts = parts;
  }

  /**
   * An answer, or one on its way, under the client's ids. The id stays the same from the first time on: what is told
   * before the answer is whole has what it can come to at most in it, what is whole what it came to.
   */
  tell(response: ModelResponse): ModelResponse {
    const { previousResponseId, seal } = this.#parts;
    if (seal === undefined) return response;
    this.#id ??= this.#sealed(seal, response);
    const { extra } = response;
    if (extra["previous_response_id"] === undefined) return { ...response, id: this.#id };
    return { ...response, id: this.#id, extra: { ...extra, previous_response_id: JSON.stringify(previousResponseId ?? null) } };
  }

  #sealed(seal: IdSeal, { id, usage }: ModelResponse): string {
    const { organisationId, plan: { route: { upstream, model }, bound } } = this.#parts;
    const { inputTokens, outputTokens } = usage ?? {};
    const isReported = inputTokens !== undefined && outputTokens !== undefined;
    const tokens = isReported ? inputTokens + outputTokens : bound.usage.inputTokens + bound.usage.outputTokens;
    return seal.seal({ providerId: upstream.id, model, upstreamId: id, tokens }, organisationId);
  }
}
