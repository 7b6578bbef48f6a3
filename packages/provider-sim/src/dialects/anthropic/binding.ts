import { hash } from "node:crypto";
import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import type { ModelRules } from "./model-rules.ts";
import type { PlacedBlock, Turn } from "./turns.ts";

/** Gives what a thought is tied to that comes after so many turns: the model and all that was said before; nothing for models that tie none. */
export type Binding = (turnCount: number) => string;

/**
 * How the thoughts of a request's model are tied.
 * Source: https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5#thinking-blocks-are-tied-to-the-model-that-produced-them
 */
export function bindingOf(body: JsonObject, { bindsThoughts }: ModelRules, turns: readonly Turn[]): Binding {
  if (!bindsThoughts) return () => "";
  const head = [body["model"], systemText(body["system"])];
  return (turnCount) => {
    const said = turns.slice(0, turnCount).map(({ role, blocks }) => [role, blocks.flatMap(essence)]);
    return hash("sha256", JSON.stringify([...head, said]), "hex");
  };
}

function systemText(system: unknown): unknown {
  return isArray(system) ? system.filter(isObject).map(({ text }) => text).join("\n") : system;
}

/** Marks of the cache change nothing, and earlier thoughts may be left out. */
function essence({ block }: PlacedBlock): JsonObject[] {
  const { cache_control: _, ...rest } = block;
  return rest["type"] === "thinking" || rest["type"] === "redacted_thinking" ? [] : [rest];
}
