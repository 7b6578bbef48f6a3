import { type ChatRequest, FunctionTool, Tool, type ToolChoice } from "@alfred/contracts";
import { isIdle, isLabel } from "../labels.ts";
import { besideFields, defined, parseRaw, typedNames, type Json } from "../loose-json.ts";
import { readToolChoice } from "../tool-choice.ts";

/**
 * Gemini's `tools` and `toolConfig`. An entry without a type is one of Gemini's own ({"googleSearch": {}}) and passes.
 *
 * Source: https://ai.google.dev/gemini-api/docs/function-calling
 */
export function toTools(request: ChatRequest, unsupported: string[]): Json {
  const declarations: Json[] = [];
  const own: Json[] = [];
  request.tools.forEach((tool, index) => {
    const path = `tools[${index}]`;
    const beside = besideFields(tool.extra, TOOL_FIELDS, path);
    if (tool.type === "function" && tool.function !== undefined) {
      declarations.push(declaration(tool.function, `${path}.function`));
      // A function stands among others in one tool, which has no place for what is beside a single one.
      for (const [name, value] of Object.entries(beside)) if (!isLabel(name) && !isIdle(name, value)) unsupported.push(`${path}.${name}`);
    } else if (tool.type === "") own.push(beside);
    else unsupported.push(path);
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

const TOOL_FIELDS = typedNames(Tool);
const FUNCTION_FIELDS = typedNames(FunctionTool);

function declaration({ name, description, parameters, extra }: FunctionTool, path: string): Json {
  const parametersJsonSchema = parameters === undefined ? undefined : parseRaw(parameters, `${path}.parameters`);
  return defined({ name, description, parametersJsonSchema, ...besideFields(extra, FUNCTION_FIELDS, path) });
}

/** VALIDATED leaves the choice to the model, as AUTO does, but holds its calls to their schemas. */
function callingConfig(choice: ToolChoice | undefined, isStrict: boolean, unsupported: string[]): Json | undefined {
  const auto = isStrict ? { mode: "VALIDATED" } : undefined;
  if (choice?.choice === undefined) return auto;
  const chosen = readToolChoice(choice);
  if (chosen === undefined) {
    unsupported.push("tool_choice");
    return undefined;
  }
  const { mode, names } = chosen;
  if (names !== undefined) return { mode: mode === "required" ? "ANY" : "VALIDATED", allowedFunctionNames: names };
  return mode === "auto" ? (auto ?? { mode: "AUTO" }) : { mode: mode === "none" ? "NONE" : "ANY" };
}
