import type { ChatRequest, FunctionTool, Tool, ToolChoice } from "@alfred/contracts";
import { defined, listOf, objectOf, parseRaw, sentFields, textOf, type Json } from "../loose-json.ts";

/**
 * Gemini's `tools` and `toolConfig`. An entry without a type is one of Gemini's own ({"googleSearch": {}}) and passes.
 *
 * Source: https://ai.google.dev/gemini-api/docs/function-calling
 */
export function toTools(request: ChatRequest, unsupported: string[]): Json {
  const declarations: Json[] = [];
  const own: Json[] = [];
  request.tools.forEach((tool, index) => {
    if (tool.type === "function" && tool.function !== undefined) declarations.push(declaration(tool.function));
    else if (tool.type === "") own.push(sentTool(tool));
    else unsupported.push(`tools[${index}]`);
  });
  if (request.parallelToolCalls === false && request.tools.length > 0) unsupported.push("parallel_tool_calls");
  const tools = declarations.length === 0 ? own : [{ functionDeclarations: declarations }, ...own];
  const isStrict = request.tools.some((tool) => tool.function?.strict === true);
  const functionCallingConfig = callingConfig(request.toolChoice, isStrict, unsupported);
  return defined({
    tools: tools.length === 0 ? undefined : tools,
    toolConfig: functionCallingConfig === undefined ? undefined : { functionCallingConfig },
  });
}

function declaration({ name, description, parameters, extra }: FunctionTool): Json {
  const parametersJsonSchema = parameters === undefined ? undefined : parseRaw(parameters, "tools.function.parameters");
  return defined({ name, description, parametersJsonSchema, ...sentFields(extra) });
}

/** An empty object says something here: {"googleSearch": {}}. */
function sentTool({ extra }: Tool): Json {
  return Object.fromEntries(Object.entries(extra).map(([name, raw]) => [name, parseRaw(raw, name)]));
}

/** VALIDATED leaves the choice to the model, as AUTO does, but holds its calls to their schemas. */
function callingConfig(choice: ToolChoice | undefined, isStrict: boolean, unsupported: string[]): Json | undefined {
  const chosen = choice?.choice;
  const auto = isStrict ? { mode: "VALIDATED" } : undefined;
  if (chosen === undefined) return auto;
  if (chosen.$case === "object") return namedTools(objectOf(parseRaw(chosen.value, "tool_choice")), unsupported);
  if (chosen.value === "auto") return auto ?? { mode: "AUTO" };
  if (chosen.value === "none") return { mode: "NONE" };
  if (chosen.value === "required") return { mode: "ANY" };
  unsupported.push("tool_choice");
  return undefined;
}

function namedTools(choice: Json, unsupported: string[]): Json | undefined {
  const allowed = objectOf(choice["allowed_tools"]);
  const isList = choice["type"] === "allowed_tools";
  const names = (isList ? listOf(allowed["tools"]) : [choice]).map(functionName);
  if (names.length === 0 || names.some((name) => name === undefined)) {
    unsupported.push("tool_choice");
    return undefined;
  }
  const mode = isList && allowed["mode"] !== "required" ? "VALIDATED" : "ANY";
  return { mode, allowedFunctionNames: names };
}

function functionName(tool: unknown): string | undefined {
  return textOf(objectOf(objectOf(tool)["function"])["name"]);
}
