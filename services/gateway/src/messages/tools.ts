import { type MessageRequest, type MessageTool, Tool, type ToolChoice } from "@alfred/contracts";

/**
 * Tools of the provider's own that the client runs itself: they cost tokens and nothing else.
 *
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview, "Anthropic-schema client tools"
 */
const RUN_BY_CLIENT = /^(?:bash|text_editor|computer|memory)_\d{8}$/;

/** What a provider's own tool adds to the prompt at most, in tokens; the largest documented is 735. Source: as above. */
export const OWN_TOOL_TOKENS = 1_024n;

/** Whether a tool is of a type that the provider brings along, and the client runs. */
export function isOwnTool({ type }: MessageTool): boolean {
  return type !== undefined && RUN_BY_CLIENT.test(type);
}

/** A tool in OpenAI's form. One that only its provider knows keeps its type. */
export function toTool(tool: MessageTool): Tool {
  const { type, name, description, inputSchema, extra } = tool;
  if (type !== undefined && type !== "custom") return Tool.create({ type, extra: { name: JSON.stringify(name), ...extra } });
  const { strict, ...beside } = extra;
  const strictly = strict === "true" || strict === "false" ? strict === "true" : undefined;
  return Tool.create({ type: "function", function: { name, description, parameters: inputSchema, strict: strictly, extra: {} }, extra: beside });
}

const MODES: Readonly<Record<string, string>> = { auto: "auto", any: "required", none: "none" };

/** Whether and which tool to call, in OpenAI's form. */
export function toToolChoice({ toolChoice }: MessageRequest): ToolChoice | undefined {
  if (toolChoice === undefined) return undefined;
  const { type, name } = toolChoice;
  const mode = MODES[type];
  if (mode !== undefined) return { choice: { $case: "mode", value: mode } };
  return { choice: { $case: "object", value: JSON.stringify({ type: "function", function: { name } }) } };
}
