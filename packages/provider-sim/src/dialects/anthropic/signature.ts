import { hash } from "node:crypto";
import type { JsonObject } from "../../json-fields.ts";
import type { Binding } from "./binding.ts";
import { refused } from "./errors.ts";
import type { Turn } from "./turns.ts";

/** What tells the simulator's own signatures from others: they need not be safe, only recognisable. */
const MARK = "alfred-provider-sim";

/** The signature of a thought, by which it is known again when it is sent back: to what it is tied is told apart, to be told from a forgery. */
export function sign(sequence: number, thinking: string, binding: string): string {
  const sealed = hash("sha256", `${MARK} ${sequence} ${thinking}`, "hex");
  return Buffer.from(`${sequence}.${sealed}.${binding}`).toString("base64");
}

/** What the signature says of the thought; undefined where it is none of the simulator's. */
function readSignature(thinking: unknown, signature: unknown): { readonly binding: string } | undefined {
  const [sequence, , binding = ""] = Buffer.from(String(signature), "base64").toString("latin1").split(".");
  return sign(Number(sequence), String(thinking), binding) === signature ? { binding } : undefined;
}

/**
 * Thoughts that are sent back carry the signature that they came with, both unchanged.
 * Source: https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 *
 * @throws SimError
 */
export function checkSignatures(turns: readonly Turn[], binding: Binding): void {
  for (const [index, { blocks }] of turns.entries()) {
    for (const { block, place } of blocks) checkBlock(block, place, () => binding(index));
  }
}

/** Redacted thoughts are a signature of nothing. */
function checkBlock(block: JsonObject, place: string, binding: () => string): void {
  const { type } = block;
  if (type !== "thinking" && type !== "redacted_thinking") return;
  const field = type === "thinking" ? "signature" : "data";
  const found = readSignature(type === "thinking" ? block["thinking"] : "", block[field]);
  const wrong = `Invalid \`${field}\` in \`${type}\` block`;
  if (found === undefined) throw refused(wrong, place);
  if (found.binding !== binding()) throw refused(`${wrong}. The block is bound to a different conversation.`, place);
}
