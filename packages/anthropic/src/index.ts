/**
 * The wire format of Anthropic's Messages to and from the contract's messages, by the rules of `@alfred/openai`: a client's
 * request is read strictly, a provider's answer leniently, and nothing is lost.
 */
import type { Message, MessageEvent, MessageRequest } from "@alfred/contracts";
import { bodyWriter, readStrictly, requireName, withoutStream } from "@alfred/openai";
import { message, messageEvent } from "./answer.ts";
import { block } from "./block.ts";
import { messageRequest } from "./request.ts";

/**
 * Reads the body of POST /v1/messages.
 *
 * @throws AlfredError INVALID_ARGUMENT, MALFORMED_BODY
 */
export function readMessageRequest(json: unknown): { message: MessageRequest; stream: boolean } {
  const { stream, ...request } = withoutStream(readStrictly(json, messageRequest));
  requireName(request.model, "model");
  request.messages.forEach(({ role }, index) => requireName(role, `messages[${index}].role`));
  return { message: request, stream };
}

export const writeMessageRequest = bodyWriter(messageRequest);

/** Reads a provider's answer. @throws FieldMismatch where it is no JSON object */
export function readMessage(json: unknown): Message {
  return message.read(json, false);
}

/** Reads a piece of a provider's stream. @throws FieldMismatch where it is no JSON object */
export function readMessageEvent(json: unknown): MessageEvent {
  return messageEvent.read(json, false);
}

export const writeMessage = message.write;
export const writeMessageBlock = block.write;
export const writeMessageEvent = messageEvent.write;
