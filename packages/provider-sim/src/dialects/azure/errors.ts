import type { ErrorReply } from "../../dialect.ts";
import type { SimError } from "../../sim-error.ts";
import { writeError as writeOpenAiError } from "../openai/errors.ts";
import { REFUSED_PROMPT } from "./content-filter.ts";

/** What Azure says in words of its own; everything else is said as at OpenAI. */
const CODED: Readonly<Record<number, string>> = {
  401: "Access denied due to invalid subscription key or wrong API endpoint.",
  403: "Access denied due to Virtual Network/Firewall rules.",
  404: "Resource not found",
  408: "The operation was timeout.",
  429: "Requests have exceeded the call rate limit of your current pricing tier.",
};

/**
 * An error as Azure writes it. Its front door answers for keys, addresses and limits with a code and a message alone,
 * and in one case with neither under `error`; the models behind it as OpenAI does.
 *
 * Sources: https://learn.microsoft.com/azure/ai-services/openai/reference, https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
 */
export function writeError(error: SimError): ErrorReply {
  const { headers } = writeOpenAiError(error);
  const { retryAfterS } = error;
  const own: Record<string, string> = retryAfterS === undefined ? {} : { "retry-after-ms": String(retryAfterS * 1_000) };
  return { json: errorJson(error), headers: { ...headers, ...own } };
}

function errorJson(error: SimError): string {
  const { status, kind, code, message } = error;
  if (kind === "key_missing") {
    const missing = "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.";
    return JSON.stringify({ statusCode: 401, message: missing });
  }
  if (kind === "model") return coded("DeploymentNotFound", "The API deployment for this resource does not exist.");
  if (code === "content_filter") return filtered();
  const usual = CODED[status];
  if (usual === undefined || kind === "request" || kind === "simulator") return writeOpenAiError(error).json;
  return coded(code ?? String(status), kind === "demanded" ? usual : message || usual);
}

function coded(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}

/** The prompt was refused by the filters. */
function filtered(): string {
  const message = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.";
  const innererror = { code: "ResponsibleAIPolicyViolation", content_filter_result: REFUSED_PROMPT };
  return JSON.stringify({ error: { message, type: null, param: "prompt", code: "content_filter", status: 400, innererror } });
}
