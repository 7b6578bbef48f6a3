import type { ChatRequest, FunctionTool, ToolChoice } from "@alfred/contracts";
import { defined, listOf, objectOf, parseRaw, sentFields, textOf, type Json } from "../loose-json.ts";

/** Which tools are on offer, and whether one must be called. */
interface Choice {
  /** Undefined for all. */
  readonly names?: ReadonlySet<string>;
  readonly mode?: "REQUIRED" | "NONE";
}

/**
 * Cohere's `tools`, `tool_choice` and `strict_tools`. It cannot be told which tool to call, so that the others are not
 * offered to it then.
 *
 * Source: https://docs.cohere.com/docs/tool-use-overview
 */
export function toTools(request: ChatRequest, unsupported: string[]): Json {
  const { names, mode } = readChoice(request.toolChoice, unsupported);
  const functions = request.tools.flatMap((tool, index) => {
    if (tool.type === "function" && tool.function !== undefined) return [tool.function];
    unsupported.push(`tools[${index}]`);
    return [];
  });
  const offered = names === undefined ? functions : functions.filter(({ name }) => names.has(name));
  if (offered.length < (names?.size ?? 0)) unsupported.push("tool_choice");
  if (request.parallelToolCalls === false && request.tools.length > 0) unsupported.push("parallel_tool_calls");
  return defined({
    tools: offered.length === 0 ? undefined : offered.map(toTool),
    tool_choice: mode,
    strict_tools: offered.some(({ strict }) => strict === true) || undefined,
  });
}

function toTool({ name, description, parameters, extra }: FunctionTool): Json {
  // The schema is required, also of a function without parameters.
  const schema = parameters === undefined ? { type: "object", properties: {} } : parseRaw(parameters, "tools.function.parameters");
  return { type: "function", function: defined({ name, description, parameters: schema, ...sentFields(extra) }) };
}

function readChoice(choice: ToolChoice | undefined, unsupported: string[]): Choice {
  const chosen = choice?.choice;
  if (chosen === undefined) return {};
  if (chosen.$case === "object") return readNamed(objectOf(parseRaw(chosen.value, "tool_choice")), unsupported);
  if (chosen.value === "required") return { mode: "REQUIRED" };
  if (chosen.value === "none") return { mode: "NONE" };
  if (chosen.value !== "auto") unsupported.push("tool_choice");
  return {};
}

function readNamed(choice: Json, unsupported: string[]): Choice {
  const allowed = objectOf(choice["allowed_tools"]);
  const isList = choice["type"] === "allowed_tools";
  const tools = isList ? listOf(allowed["tools"]) : [choice];
  const names = tools.flatMap((tool) => textOf(objectOf(objectOf(tool)["function"])["name"]) ?? []);
  if (names.length === 0 || names.length < tools.length) {
    unsupported.push("tool_choice");
    return {};
  }
  const isFree = isList && allowed["mode"] !== "required";
  return isFree ? { names: new Set(names) } : { names: new Set(names), mode: "REQUIRED" };
}
