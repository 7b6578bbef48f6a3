import { hash } from "node:crypto";
import { isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import type { Content } from "./contents.ts";
import { isResponse, partsWith } from "./contents.ts";
import { refused } from "./errors.ts";

/** What tells the simulator's own signatures from others: they need not be safe, only recognisable. */
const MARK = "alfred-provider-sim";

/** What stands for a signature where a call was made elsewhere. Source: https://ai.google.dev/gemini-api/docs/thought-signatures */
const STAND_INS: ReadonlySet<unknown> = new Set(["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"]);

/** The signature of a part: of the call that it makes, or of none. */
export function sign(sequence: number, call: string): string {
  return Buffer.from(`${sequence}.${hash("sha256", `${MARK} ${sequence} ${call}`, "hex")}`).toString("base64");
}

function isGenuine(part: JsonObject): boolean {
  const signature = part["thoughtSignature"];
  if (STAND_INS.has(signature)) return true;
  const [sequence] = Buffer.from(String(signature), "base64").toString("latin1").split(".");
  const { functionCall } = part;
  return signature === sign(Number(sequence), isObject(functionCall) ? String(functionCall["name"]) : "");
}

/**
 * What comes back signed is as it was issued; and where the model wants it, the first call of each step of the turn that
 * is under way is signed. A turn begins with what the user says last.
 *
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures
 * @throws SimError
 */
export function checkSignatures(contents: readonly Content[], wantsSignatures: boolean): void {
  for (const { parts } of contents) {
    for (const part of parts) {
      if (part["thoughtSignature"] !== undefined && !isGenuine(part)) throw refused("Corrupted thought signature.");
    }
  }
  if (!wantsSignatures) return;
  const start = contents.findLastIndex((content) => content.role === "user" && !isResponse(content));
  for (const [index, content] of contents.entries()) {
    const [first] = index > start && content.role === "model" ? partsWith(content, "functionCall") : [];
    if (first !== undefined && first["thoughtSignature"] === undefined) throw missing(first["functionCall"], index);
  }
}

function missing(call: unknown, index: number): Error {
  const name = isObject(call) ? String(call["name"]) : "";
  const why = "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly.";
  return refused(`${why} Additional data, function call \`default_api:${name}\` , position ${index + 1}.`);
}
