import type { UpstreamCall } from "../domain/provider-port.ts";
import type { Dialect } from "./dialect.ts";

/** What stands at the head of an answer, and of each chunk of one. */
interface Headed {
  id: string;
  created: bigint;
  model: string;
}

/** Writes the head of an answer where its provider tells no id, time or model; one in OpenAI's form is told as it came. */
export function headWriter({ hasOpenAiForm }: Dialect, { requestId, model }: UpstreamCall, nowMs: number): <Message extends Headed>(message: Message) => Message {
  const created = BigInt(Math.floor(nowMs / 1_000));
  return (message) => {
    if (hasOpenAiForm === true) return message;
    message.id ||= requestId;
    message.created ||= created;
    message.model ||= model;
    return message;
  };
}
