import { fail } from "@alfred/errors";
import { isObject } from "@alfred/openai";

/** A field by which an answer costs more than the price book says. */
interface Surcharge {
  /** Its values that cost no more. */
  readonly plain: readonly unknown[];
  /** What to do instead. */
  readonly hint: string;
}

/**
 * In OpenAI's form and Anthropic's alike.
 * Sources: https://platform.openai.com/docs/pricing, https://platform.claude.com/docs/en/about-claude/pricing
 */
const SURCHARGES: Readonly<Record<string, Surcharge>> = {
  service_tier: { plain: ["auto", "default", "flex", "standard_only"], hint: 'Leave it out, or ask for "auto", "default" or "flex".' },
  web_search_options: { plain: [], hint: "Leave it out, or search by a tool of type function." },
  speed: { plain: ["standard"], hint: 'Leave it out, or say "standard".' },
  inference_geo: { plain: ["global"], hint: 'Leave it out, or say "global".' },
  // Another model answers then, at a price of its own.
  fallbacks: { plain: [], hint: "Leave it out, and ask the operator for a deployment of several models." },
  // The provider calls their tools by itself; what they answer is read as prompt, however long it is.
  mcp_servers: { plain: [], hint: "Leave it out, and call the server's tools by tools of type function." },
};

type Json = Readonly<Record<string, unknown>>;

/** Tools that the client runs itself; others run at the provider, which bills them by the call. */
const OWN_TOOLS = new Set<unknown>(["function", "custom"]);

/**
 * Refuses what a provider charges beside its tokens, for which no price is known.
 * @throws AlfredError INVALID_ARGUMENT
 */
export function refuseSurcharges(body: Json): void {
  for (const [field, { plain, hint }] of Object.entries(SURCHARGES)) {
    const value = body[field] ?? undefined;
    if (value !== undefined && !plain.includes(value)) throw refused(field, hint);
  }
  const { svg, output_format: format, tools } = body;
  if ((svg ?? undefined) !== undefined || format === "svg") throw refused("output_format", "Ask for another format: another model writes SVG, at a price of its own.");
  if (Array.isArray(tools) && tools.some((tool) => !isObject(tool) || !OWN_TOOLS.has(tool["type"]))) {
    throw refused("tools", "Use tools of type function or custom.");
  }
}

/** Those of the fields that cost more. */
export function surcharged<Value>(fields: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => Object.hasOwn(SURCHARGES, name)));
}

function refused(field: string, hint: string): Error {
  return fail("INVALID_ARGUMENT", `What \`${field}\` costs on top of its tokens is not known here.`, { hint, metadata: { field } });
}
