const censored = "[redacted]";

/** Names whose string value is a secret, by how they end: "x-api-key", "openai_api_key", "serviceToken". */
const secretFields =
  /"([\w.-]*(?:authorization|api[-_]?key|secret|password|passwd|token|cookie|(?:master|root|service|demo|private)[-_]?key))":"(?:[^"\\]|\\.)+"/gi;
/** Long enough not to be a word of a sentence. */
const credentials = /\b(Bearer|Basic) +[^\s"\\,;]{8,}/gi;
const keys = /\b(?:sk|alf|key)-[A-Za-z0-9_-]{16,}/g;
const userInfo = /(\w:\/\/)[^\s/"@]*:[^\s/"@]*@/g;

/**
 * Takes secrets out of a line of JSON before it is written: fields whose name says that they hold one at any depth,
 * bearer and basic credentials, provider keys, and the user part of URLs wherever they stand. It is a net below the
 * rule that secrets are not logged, not a licence to log them.
 */
export function redactLine(line: string): string {
  const fields = line.replace(secretFields, `"$1":"${censored}"`).replace(credentials, `$1 ${censored}`);
  return fields.replace(keys, censored).replace(userInfo, `$1${censored}@`);
}
