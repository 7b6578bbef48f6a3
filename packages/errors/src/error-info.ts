import type { ErrorInfo } from "@alfred/contracts";
import { AlfredError } from "./alfred-error.ts";
import { reasonOfName } from "./reason.ts";

/** Whose reasons these are, in `ErrorInfo.domain`. */
export const ERROR_DOMAIN = "alfred";

/** The error as `google.rpc.ErrorInfo`; the hint travels in the metadata under "hint". */
export function toErrorInfo(error: AlfredError): ErrorInfo {
  return { reason: error.code, domain: ERROR_DOMAIN, metadata: { ...error.metadata, hint: error.hint } };
}

/** The error that a peer sent, or undefined where the reason is not ours or not known here. */
export function fromErrorInfo(info: ErrorInfo, message: string): AlfredError | undefined {
  const reason = info.domain === ERROR_DOMAIN ? reasonOfName(info.reason) : undefined;
  if (reason === undefined) return undefined;
  const { hint, ...metadata } = info.metadata;
  return new AlfredError(reason, message, hint === undefined ? { metadata } : { metadata, hint });
}
