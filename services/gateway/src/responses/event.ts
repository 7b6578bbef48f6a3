import { ResponseEvent, ResponseItem, type ResponsePart } from "@alfred/contracts";

const BLANK = ResponseEvent.create();

/** An event but for its number. */
export function eventOf(type: string, fields: Partial<ResponseEvent>): ResponseEvent {
  return { ...BLANK, extra: {}, ...fields, type };
}

/** An item of an answer. */
export function itemOf(fields: Partial<ResponseItem>): ResponseItem {
  return { ...ResponseItem.create(), ...fields };
}

/** A piece of text, as it begins or ends. */
export function textPart(text: string, annotations = "[]", logprobs = "[]"): ResponsePart {
  return { type: "output_text", text, extra: { annotations, logprobs } };
}
