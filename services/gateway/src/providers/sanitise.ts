/** Longest message that is passed on, in characters. */
const MAX_MESSAGE = 2_000;

/** How much of a message is looked at, in characters: what is passed on is well within it, and no part of a key stands at its end. */
const MAX_LOOKED_AT = 4 * MAX_MESSAGE;

/** What looks like a key or an account, by the beginnings that providers give them, or by what is put in place of a part of it. */
const CREDENTIAL =
  /\b(?:(?:sk|pk|key|org|proj|pplx)-[\w*.-]{4,}|(?:gsk_|tgp_v1_|secret_)[\w*.:-]{4,}|AIza[\w-]{10,}|AQ\.[\w-]{10,}|Bearer\s+[\w*.~+/-]{8,}=*)|[\w-]{0,64}\*{3,}[\w*-]*/g;

/** A provider's message without anything of the operator's, on one line, and not too long. */
export function sanitise(message: string, secret: string): string {
  const shown = secret === "" ? message : message.replaceAll(secret, "[hidden]");
  return shown.slice(0, MAX_LOOKED_AT).replaceAll(CREDENTIAL, "[hidden]").replaceAll(/\p{Cc}+/gu, " ").slice(0, MAX_MESSAGE);
}
