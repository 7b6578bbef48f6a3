/** Why a server could not listen; `code` is Node's: "EADDRINUSE", "EADDRNOTAVAIL", "EACCES". */
export class ListenError extends Error {
  readonly code: string;
  readonly address: string;

  constructor(address: string, cause: Error) {
    const code = /\bE[A-Z]{3,}\b/.exec(cause.message)?.[0] ?? "UNKNOWN";
    super(`${address} ${meanings.get(code) ?? `cannot be listened on: ${cause.message}`}`, { cause });
    this.name = "ListenError";
    this.code = code;
    this.address = address;
  }
}

const meanings: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "is in use by another program."],
  ["EADDRNOTAVAIL", "is not an address of this machine."],
  ["EACCES", "may not be listened on by this user."],
  ["ENOTFOUND", "is not a known host."],
]);
