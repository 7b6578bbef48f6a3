import { type ProviderProfile, profileOf } from "../../services/gateway/src/index.ts";
import { KNOWN_PROVIDERS } from "../../services/directory/src/index.ts";

// The tables of docs/providers.md, asked of the code: the directory knows the providers, the gateway's dialects what each can do.

type Known = (typeof KNOWN_PROVIDERS)[number];

interface Asked {
  readonly known: Known;
  readonly profile: ProviderProfile;
}

/** Stands where an address is different for everybody, so that a path can be told below it. */
const SOMEWHERE = "https://example.com";

/** The tables, by the names of their places in the document. */
export function providerTables(): ReadonlyMap<string, string> {
  const asked = KNOWN_PROVIDERS.map((known) => ({ known, profile: profileOf({ ...known, baseUrl: known.baseUrl ?? SOMEWHERE }) }));
  return new Map([["addresses", addressTable(asked)], ["capabilities", capabilityTable(asked)], ["limits", limitTable(asked)]]);
}

function addressTable(asked: readonly Asked[]): string {
  const rows = asked.map(({ known, profile }) => [
    known.id, known.kind, `\`${known.priceBook}\``, variablesOf(known), known.baseUrl === undefined ? "your own" : `\`${known.baseUrl}\``,
    `\`${profile.path.replace(SOMEWHERE, "")}\``, `\`${profile.credentials}\``,
  ]);
  return table([["provider", "kind", "price book", "variables", "base URL", "chats below it", "key in"], ...rows]);
}

function variablesOf({ key, needsNoKey, addresses, versions = [] }: Known): string {
  const own = [needsNoKey === true ? `${code(key)} or an address` : code(key), ...addresses.map(code), ...versions.map(code)];
  return own.join(", ");
}

/** Groups of what a provider has or has not, whatever is asked of it. */
const WHOLE = new Set(["embeddings", "beside chats"]);

const CELLS = { yes: "yes", "left out": "left out", no: "–" } as const;

function capabilityTable(asked: readonly Asked[]): string {
  const [first] = asked;
  const rows = (first?.profile.capabilities ?? []).map(({ group, name }, index) => {
    const cells = asked.map(({ profile }) => CELLS[profile.capabilities[index]?.support ?? "no"]);
    return [`${group}: ${name}`].concat(cells);
  });
  return table([["", ...asked.map(({ known }) => known.id)], ...rows]);
}

/** What each is told by name, so that `drop_unsupported` leaves it out; the places of messages are those of the smallest request that asks. */
function limitTable(asked: readonly Asked[]): string {
  const rows = asked.map(({ known, profile }) => {
    const told = profile.capabilities.filter(({ group }) => !WHOLE.has(group)).flatMap((each) => each.told);
    const fields = [...new Set(told.map((field) => field.replaceAll(/\[\d+\]/g, "[]")))];
    return [known.id, fields.length === 0 ? "nothing: whatever it lacks is its own to say" : fields.map(code).join(", ")];
  });
  return table([["provider", "told, or left out by `drop_unsupported`"], ...rows]);
}

function code(text: string): string {
  return `\`${text}\``;
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}
