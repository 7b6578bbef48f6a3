import { hash } from "node:crypto";
import type { JsonObject } from "../../json-fields.ts";
import { refused } from "./errors.ts";
import type { Turn } from "./turns.ts";

/** What tells the simulator's own signatures from others: they need not be safe, only recognisable. */
const MARK = "alfred-provider-sim";

function seal(sequence: number, text: string): string {
  return hash("sha256", `${MARK} ${sequence} ${text}`, "hex");
}

/** The signature of a thought, by which it is known again when it is sent back. */
export function sign(sequence: number, thinking: string): string {
  return Buffer.from(`${sequence}.${seal(sequence, thinking)}`).toString("base64");
}

function isSigned(thinking: unknown, signature: unknown): boolean {
  const [sequence, sealed] = Buffer.from(String(signature), "base64").toString("latin1").split(".");
  const number = Number(sequence);
  return Number.isInteger(number) && sealed === seal(number, String(thinking)) && sign(number, String(thinking)) === signature;
}

/**
 * Thoughts that are sent back carry the signature that they came with, both unchanged.
 * Source: https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 *
 * @throws SimError
 */
export function checkSignatures(turns: readonly Turn[]): void {
  for (const { blocks } of turns) {
    for (const { block, place } of blocks) {
      if (!isGenuine(block)) throw refused(`Invalid \`${fieldOf(block)}\` in \`${String(block["type"])}\` block`, place);
    }
  }
}

function fieldOf({ type }: JsonObject): string {
  return type === "thinking" ? "signature" : "data";
}

/** Redacted thoughts are a signature of nothing. */
function isGenuine(block: JsonObject): boolean {
  if (block["type"] === "thinking") return isSigned(block["thinking"], block["signature"]);
  return block["type"] !== "redacted_thinking" || isSigned("", block["data"]);
}
