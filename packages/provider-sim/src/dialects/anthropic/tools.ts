import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import type { Tool, ToolChoice } from "../../tools.ts";
import { refused } from "./errors.ts";
import type { ModelRules } from "./model-rules.ts";
import { checkStrictSchema } from "./strict-schema.ts";

/** What a request says about calling tools, and whether several may be called at once. */
export interface ToolPlan {
  readonly toolChoice: ToolChoice;
  readonly parallelToolCalls: boolean;
}

const MODES = { auto: "auto", any: "required", tool: "named", none: "none" } as const;

/** Reads `tools` and `tool_choice` of a body that has its shape. @throws SimError */
export function readTools(body: JsonObject, rules: ModelRules): ToolPlan {
  const given = (isArray(body["tools"]) ? body["tools"] : []).filter(isObject);
  checkNames(given);
  const tools = given.flatMap(readTool);
  const choice = isObject(body["tool_choice"]) ? body["tool_choice"] : undefined;
  if (choice === undefined) return { toolChoice: { mode: given.length === 0 ? "none" : "auto", tools }, parallelToolCalls: true };
  if (given.length === 0) throw refused("tool_choice may only be specified while providing tools", "tool_choice");
  const mode = MODES[String(choice["type"]) as keyof typeof MODES];
  if (rules.refusesForcedTools && (mode === "required" || mode === "named")) {
    throw refused(`"tool_choice.type.${String(choice["type"])}" is not supported for this model.`);
  }
  return { toolChoice: { mode, tools: mode === "named" ? [named(tools, choice["name"])] : tools }, parallelToolCalls: choice["disable_parallel_tool_use"] !== true };
}

function checkNames(tools: readonly JsonObject[]): void {
  const names = tools.map(({ name }) => name).filter((name) => name !== undefined);
  if (new Set(names).size < names.length) throw refused("Tool names must be unique.", "tools");
}

/** Tools of the provider's own are never called: the simulator has none. */
function readTool(tool: JsonObject, index: number): Tool[] {
  const schema = tool["input_schema"];
  if (!isObject(schema)) return [];
  const place = `tools.${index}.custom.input_schema`;
  if (schema["type"] === undefined) throw refused("Field required", `${place}.type`);
  if (schema["type"] !== "object") throw refused("Input should be 'object'", `${place}.type`);
  for (const word of ["oneOf", "allOf", "anyOf"]) {
    if (schema[word] !== undefined) throw refused("input_schema does not support oneOf, allOf, or anyOf at the top level", place);
  }
  if (tool["strict"] === true) checkStrictSchema(schema, place);
  return [{ type: "function", name: String(tool["name"]), parameters: schema }];
}

function named(tools: readonly Tool[], name: unknown): Tool {
  const tool = tools.find((each) => each.name === name);
  if (tool === undefined) throw refused(`Tool '${String(name)}' not found in provided tools`);
  return tool;
}
