import { fail } from "@alfred/errors";
import { isObject } from "@alfred/openai";

/**
 * Fields of Anthropic's by which tokens cost more than the price book says, and the value that costs the same.
 * Source: https://platform.claude.com/docs/en/about-claude/pricing
 */
const DEARER = [["speed", "standard"], ["inference_geo", "global"]] as const;

type Json = Readonly<Record<string, unknown>>;

/** Tiers that cost what the price book says, or less. */
const PRICED_TIERS = new Set<unknown>(["auto", "default", "flex"]);
/** Tools that the client runs itself; others run at the provider, which bills them by the call. */
const OWN_TOOLS = new Set<unknown>(["function", "custom"]);
/** Servers whose tools the provider calls by itself; what they answer is read as prompt, however long it is. */
const SERVERS = "mcp_servers";

/**
 * Refuses what a provider charges beside its tokens, for which no price is known.
 * @throws AlfredError INVALID_ARGUMENT
 */
export function refuseSurcharges(body: Json): void {
  const { service_tier: tier, web_search_options: search, tools } = body;
  if (isSet(tier) && !PRICED_TIERS.has(tier)) throw refused("service_tier", 'Leave it out, or ask for "auto", "default" or "flex".');
  if (isSet(search)) throw refused("web_search_options", "Leave it out, or search by a tool of type function.");
  for (const [field, plain] of DEARER) if (isSet(body[field]) && body[field] !== plain) throw refused(field, `Leave it out, or say "${plain}".`);
  if (isSet(body["svg"]) || body["output_format"] === "svg") throw refused("output_format", "Ask for another format: another model writes SVG, at a price of its own.");
  if (isSet(body[SERVERS])) throw refused(SERVERS, "Leave it out, and call the server's tools by tools of type function.");
  if (Array.isArray(tools) && tools.some((tool) => !isObject(tool) || !OWN_TOOLS.has(tool["type"]))) {
    throw refused("tools", "Use tools of type function or custom.");
  }
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function refused(field: string, hint: string): Error {
  return fail("INVALID_ARGUMENT", `What \`${field}\` costs on top of its tokens is not known here.`, { hint, metadata: { field } });
}
