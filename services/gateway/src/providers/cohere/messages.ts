import type { ChatMessage, ToolCall } from "@alfred/contracts";
import { isLabel } from "../labels.ts";
import { defined, sentFields, textOf, type Json } from "../loose-json.ts";
import { toContent } from "./content.ts";

const ROLES: ReadonlyMap<string, string> = new Map([
  ["system", "system"], ["developer", "system"], ["user", "user"], ["assistant", "assistant"], ["tool", "tool"],
]);

/** Cohere's `messages`. Source: https://docs.cohere.com/reference/chat */
export function toMessages(messages: readonly ChatMessage[], unsupported: string[]): Json[] {
  return messages.flatMap((message, index) => {
    const path = `messages[${index}]`;
    const role = ROLES.get(message.role);
    if (role === undefined) {
      unsupported.push(`${path}.role`);
      return [];
    }
    listUnsaid(message, path, unsupported);
    const content = toContent(message, path, unsupported);
    if (role === "assistant") return [toAnswer(message, content, path, unsupported)];
    return [defined({ role, tool_call_id: role === "tool" ? message.toolCallId : undefined, content })];
  });
}

function listUnsaid({ role, name, extra }: ChatMessage, path: string, unsupported: string[]): void {
  if (name !== undefined && role !== "tool") unsupported.push(`${path}.name`);
  // What came with an answer comes back with it, and means nothing to Cohere but for its own fields.
  if (role === "assistant") return;
  const unsaid = Object.keys(sentFields(extra)).filter((field) => !isLabel(field));
  for (const field of unsaid) unsupported.push(`${path}.${field}`);
}

/**
 * An earlier answer, with the plan, thoughts and citations that came with it. The plan also came as thoughts: it is not
 * said twice.
 */
function toAnswer(message: ChatMessage, content: string | Json[] | undefined, path: string, unsupported: string[]): Json {
  const { tool_plan, citations } = sentFields(message.extra);
  const plan = textOf(tool_plan);
  const thoughts = message.reasoningContent === plan ? undefined : message.reasoningContent;
  const said = content === undefined || content === "" ? message.refusal : content;
  const calls = message.toolCalls.flatMap((call, index) => toCall(call, `${path}.tool_calls[${index}]`, unsupported));
  return defined({
    role: "assistant",
    content: thoughts === undefined ? said : [{ type: "thinking", thinking: thoughts }, ...toBlocks(said)],
    tool_plan: plan,
    tool_calls: calls.length === 0 ? undefined : calls,
    citations: Array.isArray(citations) ? citations : undefined,
  });
}

function toBlocks(content: string | Json[] | undefined): Json[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
}

function toCall({ id, function: called }: ToolCall, path: string, unsupported: string[]): Json[] {
  if (called?.name === undefined) {
    unsupported.push(path);
    return [];
  }
  return [defined({ id, type: "function", function: { name: called.name, arguments: called.arguments || "{}" } })];
}
