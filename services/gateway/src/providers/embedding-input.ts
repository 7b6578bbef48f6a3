import { EmbeddingRequest } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { isLabel } from "./labels.ts";
import { type Json, besideFields, typedNames } from "./loose-json.ts";

/**
 * The texts to embed, for a provider that takes nothing else: token ids mean nothing to another model's tokenizer, and
 * there is no request without them.
 *
 * @param most how many one call takes
 * @throws AlfredError FEATURE_UNSUPPORTED, INVALID_ARGUMENT
 */
export function textsToEmbed({ input }: EmbeddingRequest, most = Number.POSITIVE_INFINITY): readonly string[] {
  if (input?.$case === "text") return [input.value];
  const metadata = { field: "input", fields: "input" };
  if (input?.$case !== "texts") throw fail("FEATURE_UNSUPPORTED", "This provider embeds text, not token ids.", { metadata, hint: "Send the text itself." });
  const texts = input.value.values;
  if (texts.length <= most) return texts;
  throw fail("INVALID_ARGUMENT", `This provider embeds at most ${most} texts per request.`, { metadata: { field: "input" } });
}

const TYPED = typedNames(EmbeddingRequest);

/**
 * What of a request for vectors OpenAI does not know, parsed, labels left out.
 * @param refused fields by which the provider would be asked for other than what is priced and read here; they are told
 */
export function ownEmbeddingFields({ extra }: EmbeddingRequest, refused: ReadonlySet<string>): { readonly fields: Json; readonly unsupported: readonly string[] } {
  const own = Object.entries(besideFields(extra, TYPED)).filter(([name]) => !isLabel(name));
  const fields = Object.fromEntries(own.filter(([name]) => !refused.has(name)));
  return { fields, unsupported: own.flatMap(([name]) => (refused.has(name) ? [name] : [])) };
}
