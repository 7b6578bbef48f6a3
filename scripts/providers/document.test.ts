import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { repositoryRoot } from "../repository.ts";
import { isFresh, providerDocument, writeProviderDocument } from "./document.ts";

describe("the document of providers", () => {
  let root = "";
  const file = (): string => join(root, providerDocument);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "alfred-providers-"));
    await mkdir(join(root, "docs"));
    await writeFile(file(), await readFile(join(repositoryRoot, providerDocument), "utf8"));
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  test("has the tables that the code gives", async () => expect(await isFresh(root)).toBe(true));

  test.each([["| messages: text | yes", "| messages: text | –"], ["`x-api-key`", "`api-key`"]])("is stale where a table says otherwise: %s", async (told, otherwise) => {
    const text = await readFile(file(), "utf8");
    await writeFile(file(), text.replace(told, otherwise));
    expect(await isFresh(root)).toBe(false);
    await writeProviderDocument(root);
    expect(await readFile(file(), "utf8")).toBe(text);
  });

  test("keeps what people wrote around its tables", async () => {
    await writeFile(file(), `${await readFile(file(), "utf8")}\nMore.\n`);
    expect(await isFresh(root)).toBe(true);
  });

  test("says which mark it lacks", async () => {
    await writeFile(file(), (await readFile(file(), "utf8")).replace("<!-- end of limits -->", ""));
    await expect(isFresh(root)).rejects.toThrow("<!-- end of limits -->");
  });
});
