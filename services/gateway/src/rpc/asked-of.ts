import type { DryRunRequest, ResponseRequest } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import type { Asked } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planCompletion } from "../exchange/plan-completion.ts";
import { planMessage } from "../exchange/plan-message.ts";
import { planModeration } from "../exchange/plan-moderation.ts";
import { planResponse } from "../exchange/plan-response.ts";
import { planChat, planEmbedding } from "../exchange/plan.ts";
import { type Past, pastOf } from "../stored/past.ts";
import { askedMedia } from "./asked-media.ts";
import { checkCall, checkChat, checkCompletion, checkEmbedding, checkMessage, checkModeration, checkResponse } from "./validate.ts";

/** A request of any face as its own RPC would ask it, validated. @throws AlfredError INVALID_ARGUMENT */
export function askedOf(parts: Pick<ExchangeParts, "feeds">, request: DryRunRequest, context: CallContext): Asked {
  return { ...bodyOf(request, (response) => pastOf(parts, response, context)), call: checkCall(request.call), streamed: request.streamed };
}

/** An answer in the form of Responses as it is asked. @param past what it goes on from */
export function askedResponse(response: ResponseRequest, streamed: boolean, past: Past): Omit<Asked, "call"> {
  const plan: Asked["plan"] = (found, limitTokens) => planResponse(response, found, streamed, limitTokens, past);
  return { operation: "response", model: response.model, holder: past.stored, plan };
}

function bodyOf({ asked, streamed }: DryRunRequest, past: (response: ResponseRequest) => Past): Omit<Asked, "call"> {
  if (asked === undefined) throw fail("INVALID_ARGUMENT", "`asked` must be set.", { metadata: { field: "asked" } });
  switch (asked.$case) {
    case "chat": {
      const chat = checkChat(asked.value);
      return { operation: "chat", model: chat.model, plan: (found, limitTokens) => planChat(chat, found, streamed, limitTokens) };
    }
    case "message": {
      const message = checkMessage(asked.value, true);
      return { operation: "message", model: message.model, plan: (found, limitTokens) => planMessage(message, found, streamed, limitTokens) };
    }
    case "response": {
      const response = checkResponse(asked.value);
      return askedResponse(response, streamed, past(response));
    }
    case "completion": {
      const text = checkCompletion(asked.value);
      return { operation: "completion", model: text.model, plan: (found, limitTokens) => planCompletion(text, found, streamed, limitTokens) };
    }
    case "embedding": {
      const embedding = checkEmbedding(asked.value);
      return { operation: "embedding", model: embedding.model, plan: (found) => planEmbedding(embedding, found) };
    }
    case "moderation": {
      const moderation = checkModeration(asked.value);
      return { operation: "moderation", model: moderation.model, plan: (found) => planModeration(moderation, found) };
    }
    case "image":
    case "edit":
    case "variation":
    case "speech":
    case "transcription":
    case "translation":
      return askedMedia(asked, streamed);
  }
}
