import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Mesh } from "../mesh.ts";
import { OWN_PRICES, providerVariables } from "../sdk/providers.ts";
import { isPrinted, readGuides } from "./guide.ts";
import { Desk, Session } from "./session.ts";

const GUIDES = readGuides();
const README = GUIDES.find(({ name }) => name === "README.md");
/** What a reader does before all else; the only block of which something is replaced: the address, and the keys. */
const [SETUP, ...AFTER_SETUP] = README?.blocks ?? [];
const PRINTED = { url: "http://127.0.0.1:8080", demoKey: "sk-alfred-demo-…", rootKey: "sk-alfred-root-…" };
/** Keys reach the gateways by a stream. */
const UNTIL_KNOWN = 'until curl -sf -o answer "$ALFRED_URL/v1/models" -H "authorization: Bearer $ALFRED_SMALL_KEY"; do sleep 0.05; done';

// One mesh in one process, with the simulator in the place of each provider. Guides are followed one after the other.
describe("docs/guides", () => {
  const parts = new AsyncDisposableStack();
  let mesh: Mesh | undefined;
  let desk: Desk | undefined;

  beforeAll(async () => {
    program("ALFRED_TEST_CURL");
    desk = parts.use(await Desk.open(program("ALFRED_TEST_PYTHON")));
    mesh = parts.use(await Mesh.start("one process", { environment: providerVariables, prices: OWN_PRICES }));
  });
  afterAll(() => parts.disposeAsync());

  const setUp = async (session: Session): Promise<void> => {
    if (mesh === undefined || SETUP === undefined) throw new Error("There is no mesh, or no block to begin with in docs/guides/README.md.");
    const { edgeUrl, demoKey, rootKey } = mesh;
    const text = SETUP.text.replace(PRINTED.url, edgeUrl).replace(PRINTED.demoKey, demoKey).replace(PRINTED.rootKey, rootKey);
    const { output, said } = await session.run({ language: "sh", text: text + UNTIL_KNOWN });
    if (text.includes("…") || output + said !== "") throw new Error(`What guides begin with failed: ${output}${said}`);
  };

  test.each(GUIDES.filter((guide) => guide !== README))("$name is in the table of README.md, and has programs for curl, where it is of a face, Node and Python", ({ name, blocks }) => {
    const [, path] = new RegExp(`^\\| \\[[^\\]]+\\]\\(${RegExp.escape(name)}\\) \\| ([^|]*)\\|`, "m").exec(README?.text ?? "") ?? [];
    expect(path, "its row in the table").toBeDefined();
    expect([...new Set(blocks.map(({ language }) => (language === "ts" ? "js" : language)))].toSorted()).toEqual(path === "" ? ["js", "python"] : ["js", "python", "sh"]);
  });

  describe.each(GUIDES)("$name", (guide) => {
    const blocks = guide === README ? AFTER_SETUP : guide.blocks;
    let session: Session | undefined;

    beforeAll(async () => {
      if (desk === undefined) throw new Error("There is no desk.");
      session = parts.use(new Session(desk, guide.name));
      await setUp(session);
    });

    test.each(blocks)("line $line: $language", async (block) => {
      if (session === undefined) throw new Error("There is no session.");
      const { status, output, said } = await session.run(block);
      expect(status, output + said).toBe("0");
      expect(isPrinted(output, block.prints) ? block.prints : output, said).toBe(block.prints);
    });
  });
});

/** A program that `npm test` finds. */
function program(variable: string): string {
  const { [variable]: found, [`${variable}_MISSING`]: why } = process.env;
  if (found) return found;
  throw new Error(why ?? `${variable} is not set; \`npm test -- --only tests services/all/tests/guides\` sets it.`);
}
