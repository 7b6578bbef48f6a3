import type { ChatRequest, CompletionRequest, DryRunRequest, EmbeddingRequest, MessageRequest, ModerationRequest, ResponseRequest } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import type { Asked } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planCompletion } from "../exchange/plan-completion.ts";
import { planMessage } from "../exchange/plan-message.ts";
import { planModeration } from "../exchange/plan-moderation.ts";
import { planResponse } from "../exchange/plan-response.ts";
import { planChat, planEmbedding } from "../exchange/plan.ts";
import { type Past, holderOf, pastOf } from "../stored/past.ts";
import { askedMedia } from "./asked-media.ts";
import { checkCall, checkChat, checkCompletion, checkEmbedding, checkMessage, checkModeration, checkResponse } from "./validate.ts";

/** A request of any face as its own RPC would ask it, validated. @throws AlfredError INVALID_ARGUMENT */
export function askedOf(parts: Pick<ExchangeParts, "feeds">, request: DryRunRequest, context: CallContext): Asked {
  return { ...bodyOf(parts, request, context), call: checkCall(request.call), streamed: request.streamed };
}

/** A validated body as it is asked, by its own RPCs and by a dry run alike. */
type Body = Omit<Asked, "call">;

export function askedChat(chat: ChatRequest, streamed: boolean): Body {
  return { operation: "chat", model: chat.model, plan: (found, limitTokens) => planChat(chat, found, streamed, limitTokens) };
}

export function askedMessage(message: MessageRequest, streamed: boolean): Body {
  return { operation: "message", model: message.model, plan: (found, limitTokens) => planMessage(message, found, streamed, limitTokens) };
}

/** @param past what it goes on from */
export function askedResponse(response: ResponseRequest, streamed: boolean, past: Past): Body {
  return { operation: "response", model: response.model, holder: holderOf(past), plan: (found, limitTokens) => planResponse(response, found, streamed, limitTokens, past) };
}

export function askedCompletion(completion: CompletionRequest, streamed: boolean): Body {
  return { operation: "completion", model: completion.model, plan: (found, limitTokens) => planCompletion(completion, found, streamed, limitTokens) };
}

export function askedEmbedding(embedding: EmbeddingRequest): Body {
  return { operation: "embedding", model: embedding.model, plan: (found) => planEmbedding(embedding, found) };
}

export function askedModeration(moderation: ModerationRequest): Body {
  return { operation: "moderation", model: moderation.model, plan: (found) => planModeration(moderation, found) };
}

function bodyOf(parts: Pick<ExchangeParts, "feeds">, { asked, streamed }: DryRunRequest, context: CallContext): Body {
  if (asked === undefined) throw fail("INVALID_ARGUMENT", "`asked` must be set.", { metadata: { field: "asked" } });
  switch (asked.$case) {
    case "chat":
      return askedChat(checkChat(asked.value), streamed);
    case "message":
      return askedMessage(checkMessage(asked.value, true), streamed);
    case "response": {
      const response = checkResponse(asked.value);
      return askedResponse(response, streamed, pastOf(parts, response, context));
    }
    case "completion":
      return askedCompletion(checkCompletion(asked.value), streamed);
    case "embedding":
      return askedEmbedding(checkEmbedding(asked.value));
    case "moderation":
      return askedModeration(checkModeration(asked.value));
    case "image":
    case "edit":
    case "variation":
    case "speech":
    case "transcription":
    case "translation":
      return askedMedia(asked, streamed);
  }
}
