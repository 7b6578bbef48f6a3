import type { ToolChoice } from "@alfred/contracts";
import { listOf, objectOf, parseRaw, textOf, type Json } from "./loose-json.ts";

/** Which tools the model may or must call. */
export interface ChosenTools {
  readonly mode: "auto" | "none" | "required";
  /** The functions that are on offer, at least one; undefined for all. */
  readonly names?: readonly string[];
}

/**
 * Reads a `tool_choice` in any of OpenAI's forms that name functions: a mode, one function, or a list of allowed ones.
 * Undefined for any other, as a choice of a custom tool.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat/create#chat-create-tool_choice
 * @throws AlfredError INVALID_ARGUMENT
 */
export function readToolChoice({ choice }: ToolChoice): ChosenTools | undefined {
  if (choice === undefined) return { mode: "auto" };
  if (choice.$case === "object") return readNamed(objectOf(parseRaw(choice.value, "tool_choice")));
  return isMode(choice.value) ? { mode: choice.value } : undefined;
}

function isMode(mode: unknown): mode is ChosenTools["mode"] {
  return mode === "auto" || mode === "none" || mode === "required";
}

function readNamed(choice: Json): ChosenTools | undefined {
  const isList = choice["type"] === "allowed_tools";
  const allowed = objectOf(choice["allowed_tools"]);
  const tools = isList ? listOf(allowed["tools"]) : [choice];
  const names = tools.flatMap((tool) => textOf(objectOf(objectOf(tool)["function"])["name"]) ?? []);
  if (names.length === 0 || names.length < tools.length) return undefined;
  return { mode: isList && allowed["mode"] !== "required" ? "auto" : "required", names };
}
