import type { ChatCompletion, RateLimit, Receipt } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { StreamedText } from "../domain/streamed-text.ts";
import { type Asked, openExchange } from "../exchange/open.ts";
import { shownUsage } from "../exchange/outcome.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import type { Plan } from "../exchange/plan.ts";

/** A whole answer that is settled. */
interface WholeAnswer {
  /** With its usage as the provider told it, else as counted here. */
  readonly completion: ChatCompletion;
  /** As the provider gave it. */
  readonly json: unknown;
  /** What was asked of the provider that answered. */
  readonly plan: Plan;
  readonly receipt: Receipt;
  readonly rateLimit: RateLimit | undefined;
}

/** Asks for a whole answer, and has it when it is settled. */
export async function wholeAnswer(parts: ExchangeParts, asked: Asked, context: CallContext): Promise<WholeAnswer> {
  const exchange = await openExchange(parts, asked, context);
  const { message, json, firstByteMs } = await exchange.attempt((upstream) => parts.provider.completeChat(upstream));
  const { receipt, consumed } = await exchange.answered({ usage: message.usage, said: saidOf(message), firstByteMs, lastByteMs: undefined, answerId: message.id }, isShort(message));
  const { plan, rateLimit } = exchange.subject;
  return { completion: { ...message, usage: shownUsage(plan, consumed, message.usage) }, json, plan, receipt, rateLimit };
}

/** Whether an answer ended at its limit. */
function isShort({ choices }: ChatCompletion): boolean {
  return choices.some(({ finishReason }) => finishReason === "length");
}

function saidOf(completion: ChatCompletion): StreamedText {
  const said = new StreamedText();
  said.addCompletion(completion);
  return said;
}
