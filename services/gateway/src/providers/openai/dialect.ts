import { fail } from "@alfred/errors";
import type { Dialect, Target } from "../dialect.ts";
import { adapt } from "./adapt.ts";
import type { Asking } from "./asking.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { writeEmbeddings } from "./embeddings.ts";
import { facesOf } from "./faces.ts";
import { dropInnerLabels, dropKeptFiles } from "./clean.ts";
import { readAnswer, readVectors } from "./form.ts";
import { toOpenAi } from "./heard.ts";
import { readRefusal } from "./refusal.ts";
import { writeChat } from "./request.ts";
import { errorsAsText } from "../tool-error.ts";
import type { Variant } from "./variant.ts";
import { VARIANTS, type VariantKind } from "./variants.ts";

/** Where a variant of OpenAI's API has its endpoints, and how it is told who calls. */
interface Door {
  /** @param path of the endpoint: "/chat/completions" */
  url(target: Target, path: string): string;
  headers(target: Target): Record<string, string>;
  /** Whether it judges what is said. */
  readonly judges?: true;
}

/**
 * OpenAI's API. What the client sends goes as it is but for labels that have no place, so whatever it may lack is for the
 * provider to say.
 *
 * Source: https://platform.openai.com/docs/api-reference
 */
const OPENAI: Door = {
  url: ({ baseUrl }, path) => baseUrl + path,
  headers: ({ secret }) => (secret === "" ? {} : { authorization: `Bearer ${secret}` }),
  judges: true,
};

export const openai = dialectBehind(OPENAI, "openai");

/** An API of which nothing is known but that it is like OpenAI's: it may have a place for any label. */
export const unknown = dialectBehind(OPENAI);

/** Those like it that differ in something. */
export const variants = Object.fromEntries(
  Object.entries(VARIANTS).map(([kind, variant]) => [kind, dialectBehind(OPENAI, variant)]),
) as Readonly<Record<VariantKind, Dialect>>;

/** A deployment's name as a step of a path. @throws AlfredError INVALID_ARGUMENT where it would lead elsewhere */
function deploymentStep(model: string): string {
  if (model !== "." && model !== "..") return encodeURIComponent(model);
  throw fail("INVALID_ARGUMENT", "`model` is not a name that a deployment of Azure's can have.", { metadata: { field: "model" } });
}

/** The version of Azure's API where the provider names none. */
export const AZURE_VERSION = "2024-10-21";
/** The end of addresses that take the model in the body, as OpenAI's own does, and need no version. */
export const AZURE_UNVERSIONED = /\/openai\/v1$/;

/**
 * Azure OpenAI: each deployment has an address of its own, and keys stand in a header of their own. An address may end
 * in "/openai/v1", where a version is sent only if the provider names one, as "preview".
 *
 * Source: https://learn.microsoft.com/azure/ai-services/openai/reference
 */
export const azure = dialectBehind({
  url({ baseUrl, model, apiVersion = "" }, path) {
    if (AZURE_UNVERSIONED.test(baseUrl)) return baseUrl + path + (apiVersion && `?api-version=${apiVersion}`);
    return `${baseUrl}/openai/deployments/${deploymentStep(model)}${path}?api-version=${apiVersion || AZURE_VERSION}`;
  },
  headers: ({ secret }) => (secret === "" ? {} : { "api-key": secret }),
}, "openai");

/** @param own whose API it is, where that is known */
function dialectBehind(door: Door, own?: Variant | "openai"): Dialect {
  const variant = own === "openai" ? undefined : own;
  const request: Asking = (target, path, body, files) => ({ url: door.url(target, path), headers: door.headers(target), body, ...(files && { files }) });
  return {
    hasOpenAiForm: true,
    ...(variant?.unaskedMeters !== undefined && { unaskedMeters: variant.unaskedMeters }),
    chat(chat, target, streamed) {
      const body = writeChat(errorsAsText(chat), target.model, streamed);
      const unsupported = dropKeptFiles(body);
      if (own !== undefined) dropInnerLabels(body);
      if (own === "openai") delete body["cache_control"];
      else if (own !== undefined) unsupported.push(...adapt(body, chat, own));
      return { request: request(target, "/chat/completions", body), unsupported };
    },
    readChat: (json) => readAnswer(toOpenAi(json, variant)),
    streamChat: () => new ChunkReader((json) => toOpenAi(json, variant)),
    embeddings: variant !== undefined && variant.embeddings === undefined ? undefined : {
      embed: (asked, target) => ({ request: request(target, "/embeddings", writeEmbeddings(asked, target, variant?.embeddings)), unsupported: [] }),
      readEmbeddings: readVectors,
    },
    ...facesOf(request, door.judges === true, variant),
    readRefusal,
  };
}
