const MAX_LENGTH = 128;
// Printable ASCII without quotes and backslash: safe in headers, logs and error messages.
const SAFE = /^[!#-[\]-~]+$/;

/** Whether a text can serve as a request id: 1 to 128 characters that are safe wherever it is written. */
export function isRequestId(text: string): boolean {
  return text.length <= MAX_LENGTH && SAFE.test(text);
}
