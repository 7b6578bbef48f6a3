import type { ErrorReply, Frame } from "../../dialect.ts";
import { SimError } from "../../sim-error.ts";

interface Usual {
  /** The name of the canonical code. */
  readonly status: string;
  readonly message: string;
}

/** Source: https://ai.google.dev/gemini-api/docs/troubleshooting */
const BY_STATUS: Readonly<Record<number, Usual>> = {
  400: { status: "INVALID_ARGUMENT", message: "Request contains an invalid argument." },
  401: { status: "UNAUTHENTICATED", message: "Request had invalid authentication credentials." },
  403: { status: "PERMISSION_DENIED", message: "The caller does not have permission." },
  404: { status: "NOT_FOUND", message: "Requested entity was not found." },
  409: { status: "ABORTED", message: "The operation was aborted." },
  429: { status: "RESOURCE_EXHAUSTED", message: "You exceeded your current quota, please check your plan and billing details." },
  499: { status: "CANCELLED", message: "The operation was cancelled." },
  500: { status: "INTERNAL", message: "An internal error has occurred. Please retry." },
  501: { status: "UNIMPLEMENTED", message: "Operation is not implemented, or supported, or enabled." },
  503: { status: "UNAVAILABLE", message: "The model is overloaded. Please try again later." },
  504: { status: "DEADLINE_EXCEEDED", message: "Deadline expired before operation could complete." },
};

const SERVER_ERROR: Usual = { status: "INTERNAL", message: "An internal error has occurred. Please retry." };
const REQUEST_ERROR: Usual = { status: "INVALID_ARGUMENT", message: "Request contains an invalid argument." };

const STATUSES: ReadonlySet<string> = new Set([...Object.values(BY_STATUS).map(({ status }) => status), "FAILED_PRECONDITION"]);

const RPC = "type.googleapis.com/google.rpc";

function errorJson(error: SimError): string {
  const { status, kind, code } = error;
  const usual = BY_STATUS[status] ?? (status >= 500 ? SERVER_ERROR : REQUEST_ERROR);
  const isNamed = kind === "demanded" && code !== null && STATUSES.has(code);
  const said = kind === "rate" || kind === "concurrency" ? usual.message : error.message || usual.message;
  const details = detailsOf(error, isNamed);
  const body = { code: status, message: said, status: isNamed ? code : usual.status, ...(details.length === 0 ? {} : { details }) };
  return JSON.stringify({ error: body }, undefined, 2);
}

/** The reason, the field and the time to come back, as `google.rpc` has messages for them. Source: https://google.aip.dev/193 */
function detailsOf({ kind, code, param, message, retryAfterS }: SimError, isNamed: boolean): readonly object[] {
  const reason = kind === "key_wrong" ? "API_KEY_INVALID" : kind === "demanded" && !isNamed ? code : null;
  const info = { "@type": `${RPC}.ErrorInfo`, reason, domain: "googleapis.com", metadata: { service: "generativelanguage.googleapis.com" } };
  const violation = { "@type": `${RPC}.BadRequest`, fieldViolations: [{ field: param, description: message }] };
  const retry = { "@type": `${RPC}.RetryInfo`, retryDelay: `${retryAfterS ?? 0}s` };
  return [
    ...(reason === null ? [] : [info]),
    ...(param === null ? [] : [violation]),
    ...(retryAfterS === undefined ? [] : [retry]),
  ];
}

/** Google tells the time to come back in the body, not in a header. */
export function writeError(error: SimError): ErrorReply {
  return { json: errorJson(error), headers: {} };
}

/** In the midst of a stream the error stands outside of any event, over several lines. */
export function errorFrame(error: SimError): Frame {
  return { loose: errorJson(error) };
}

/** A 400 in the form of Google's. */
export function refused(message: string, param: string | null = null): SimError {
  return new SimError(400, "request", { message, param });
}
