import type { ChatMessage } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";

/** The option of a request that has what the provider cannot do left out; it is for this gateway alone. */
const OPTION = "drop_unsupported";

/** Most fields that an error names. */
const MOST_FIELDS = 20;

type Extra = Readonly<Record<string, string>>;

/** What is asked of the provider, and whether fields that it cannot serve are to be left out. @throws AlfredError INVALID_ARGUMENT */
export function takeOption<Request extends { extra: Extra }>(request: Request): { readonly asked: Request; readonly drops: boolean } {
  if (request.extra[OPTION] === undefined) return { asked: request, drops: false };
  const { [OPTION]: option = "", ...extra } = request.extra;
  if (!["true", "false", "null"].includes(option)) throw fail("INVALID_ARGUMENT", `\`${OPTION}\` must be true or false.`, { metadata: { field: OPTION } });
  return { asked: { ...request, extra }, drops: option === "true" };
}

/** A request whose provider has nothing for some of its fields, by the client's names. */
export function unsupported(provider: string, names: readonly string[]): AlfredError {
  const [field = "", ...others] = new Set(names);
  const fields = [field, ...others.slice(0, MOST_FIELDS - 1)];
  const more = others.length - fields.length + 1;
  const listed = fields.map((name) => `\`${name}\``).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return fail("FEATURE_UNSUPPORTED", `The provider ${provider} cannot serve ${listed}.`, { metadata: { provider, field, fields: fields.join(", ") } });
}

/** Those of the fields that are all that a user's message says: left out, it would say nothing, and be answered and charged. */
export function allThatIsSaid(messages: readonly ChatMessage[], names: readonly string[]): string[] {
  if (names.length === 0) return [];
  return messages.flatMap(({ role, content }, index) => {
    if (role !== "user" || content?.$case !== "parts" || content.value.values.length === 0) return [];
    const lost = content.value.values.map((_, part) => names.find((name) => isPart(name, `messages[${index}].content[${part}]`)));
    return lost.includes(undefined) ? [] : lost.filter((name) => name !== undefined);
  });
}

/** Whether a field is a part of a message, by itself or by what it holds, and not a property of that. */
function isPart(name: string, path: string): boolean {
  return name.startsWith(path) && /^(?:\.\w+)?$/.test(name.slice(path.length));
}

/** A request for what a provider has nothing of, as embeddings. */
export function hasNone(what: string, provider: string): AlfredError {
  const metadata = { provider, field: "model", fields: "model" };
  return fail("FEATURE_UNSUPPORTED", `The provider ${provider} has no ${what}.`, { metadata, hint: "Ask for a model of another provider." });
}

/** A body as it was asked without the fields that are left out of it. */
export function without(json: Readonly<Record<string, unknown>>, dropped: readonly string[]): Readonly<Record<string, unknown>> {
  if (dropped.length === 0) return json;
  const names = new Set(dropped);
  return Object.fromEntries(Object.entries(json).filter(([name]) => !names.has(name)));
}
