import { type ChatRequest, FunctionTool, Tool, type ToolChoice } from "@alfred/contracts";
import { besideFields, defined, parseRaw, typedNames, type Json } from "../loose-json.ts";
import { type ChosenTools, readToolChoice } from "../tool-choice.ts";

/**
 * Cohere's `tools`, `tool_choice` and `strict_tools`. It cannot be told which tool to call, so that the others are not
 * offered to it then.
 *
 * Source: https://docs.cohere.com/docs/tool-use-overview
 */
export function toTools(request: ChatRequest, unsupported: string[]): Json {
  const { names, mode } = readChoice(request.toolChoice, unsupported);
  const functions = request.tools.flatMap((tool, index) => {
    if (tool.type === "function" && tool.function !== undefined) return [{ tool, called: tool.function, path: `tools[${index}]` }];
    unsupported.push(`tools[${index}]`);
    return [];
  });
  const offered = names === undefined ? functions : functions.filter(({ called }) => names.includes(called.name));
  if (offered.length < (names?.length ?? 0)) unsupported.push("tool_choice");
  if (request.parallelToolCalls === false && request.tools.length > 0) unsupported.push("parallel_tool_calls");
  return defined({
    tools: offered.length === 0 ? undefined : offered.map(({ tool, called, path }) => toTool(tool, called, path)),
    tool_choice: mode === "auto" ? undefined : mode.toUpperCase(),
    strict_tools: offered.some(({ called }) => called.strict === true) || undefined,
  });
}

const TOOL_FIELDS = typedNames(Tool);
const FUNCTION_FIELDS = typedNames(FunctionTool);

/** Cohere has no cache to mark anything for. */
function toTool(tool: Tool, { name, description, parameters, extra }: FunctionTool, path: string): Json {
  // The schema is required, also of a function without parameters.
  const schema = parameters === undefined ? { type: "object", properties: {} } : parseRaw(parameters, `${path}.function.parameters`);
  const { cache_control: _, ...beside } = besideFields(tool.extra, TOOL_FIELDS, path);
  const own = besideFields(extra, FUNCTION_FIELDS, `${path}.function`);
  return { ...beside, type: "function", function: defined({ name, description, parameters: schema, ...own }) };
}

function readChoice(choice: ToolChoice | undefined, unsupported: string[]): ChosenTools {
  const chosen = choice && readToolChoice(choice);
  if (choice !== undefined && chosen === undefined) unsupported.push("tool_choice");
  return chosen ?? { mode: "auto" };
}
