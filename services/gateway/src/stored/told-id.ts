import type { ModelResponse, ResponseEvent } from "@alfred/contracts";
import type { Plan } from "../exchange/plan.ts";
import type { IdSeal, StoredResponse } from "./id-seal.ts";
import type { ToldItems } from "./item-ids.ts";

/** Whose answer it is, and what was asked. */
interface ToldIdParts {
  /** Undefined where ids cannot be sealed; then nothing is kept under them either. */
  readonly seal: IdSeal | undefined;
  readonly organisationId: string;
  readonly plan: Plan;
  /** What the client goes on from, by the id that it sent. */
  readonly previousResponseId: string | undefined;
  /** Whether the answer is stored; undefined where the client did not say, and it is. */
  readonly store: boolean | undefined;
}

/** An answer that is told: its id, and those of its items. */
interface Told {
  readonly id: string;
  /** Undefined where they are told as they are, since nobody can refer to them. */
  readonly items: ToldItems | undefined;
}

/** The ids under which a client is told of an answer that its provider keeps, in place of the provider's own. */
export class ToldId {
  readonly #parts: ToldIdParts;
  #told: Told | undefined;

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
    this.#told ??= this.#begin(seal, response);
    const { id, items } = this.#told;
    const told = { ...response, id, output: items?.tell(response.output) ?? response.output };
    const { extra } = response;
    return extra["previous_response_id"] === undefined ? told : { ...told, extra: { ...extra, previous_response_id: JSON.stringify(previousResponseId ?? null) } };
  }

  /** Puts the client's ids into a piece of a streamed answer, the first of which has the answer's. */
  tellEvent(event: ResponseEvent): void {
    if (event.response !== undefined) event.response = this.tell(event.response);
    const items = this.#told?.items;
    if (items === undefined) return;
    const { item, itemId } = event;
    if (itemId !== undefined) event.itemId = items.idOf(itemId);
    if (item?.id !== undefined) item.id = items.idOf(item.id);
  }

  #begin(seal: IdSeal, { id, usage }: ModelResponse): Told {
    const { organisationId, plan: { route: { upstream, model }, bound }, store } = this.#parts;
    const { inputTokens, outputTokens } = usage ?? {};
    const isReported = inputTokens !== undefined && outputTokens !== undefined;
    const answerTokens = isReported ? outputTokens : bound.usage.outputTokens;
    const stored = { providerId: upstream.id, model, upstreamId: id, tokens: (isReported ? inputTokens : bound.usage.inputTokens) + answerTokens, answerTokens };
    return { id: seal.seal(stored, organisationId), items: store === false ? undefined : answerItems(seal, stored, organisationId) };
  }
}

/** The ids of what a stored response said. */
export function answerItems(seal: IdSeal, { providerId, model, upstreamId, answerTokens }: StoredResponse, organisationId: string): ToldItems {
  return seal.items(organisationId).of({ providerId, model, name: upstreamId, tokens: answerTokens });
}

/** The ids of what a stored response was asked. */
export function promptItems(seal: IdSeal, { providerId, model, upstreamId, tokens }: StoredResponse, organisationId: string): ToldItems {
  return seal.items(organisationId).of({ providerId, model, name: `${upstreamId}/input`, tokens });
}
