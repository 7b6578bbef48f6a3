import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Block } from "./guide.ts";
import { Host, type Ran } from "./host.ts";

const NODE_HOST = fileURLToPath(new URL("node-host.ts", import.meta.url));
const PYTHON_HOST = fileURLToPath(new URL("python_host.py", import.meta.url));
const PACKAGES = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** What a new terminal has, and nothing of what `npm test` sets. */
const TERMINAL: NodeJS.ProcessEnv = { PATH: process.env["PATH"], HOME: process.env["HOME"] };

/** What all guides share: a folder, and the processes that run programs. */
export class Desk implements AsyncDisposable {
  readonly folder: string;
  readonly node: Host;
  readonly python: Host;

  private constructor(folder: string, python: string) {
    this.folder = folder;
    this.node = new Host(process.execPath, [NODE_HOST], TERMINAL);
    this.python = new Host(python, [PYTHON_HOST], TERMINAL);
  }

  /** @param python the program of a Python in which the clients are installed */
  static async open(python: string): Promise<Desk> {
    const folder = await mkdtemp(join(tmpdir(), "alfred-guides-"));
    await symlink(PACKAGES, join(folder, "node_modules"));
    return new Desk(folder, python);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.node[Symbol.asyncDispose](), this.python[Symbol.asyncDispose]()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A terminal in which a guide is followed: one shell, and the programs that are started with what it exports. */
export class Session implements AsyncDisposable {
  readonly #desk: Desk;
  readonly #folder: string;
  readonly #shell = new Host("sh", [], TERMINAL);
  #count = 0;

  constructor(desk: Desk, name: string) {
    this.#desk = desk;
    this.#folder = join(desk.folder, name);
  }

  /** Runs a block as printed. */
  async run({ language, text }: Pick<Block, "language" | "text">): Promise<Ran> {
    this.#count += 1;
    const file = join(this.#folder, `block-${this.#count}.${language}`);
    await mkdir(this.#folder, { recursive: true });
    await writeFile(file, text);
    if (language === "sh") return await this.#inShell(`cd '${this.#folder}'; . '${file}' </dev/null`);
    const request = { file, folder: this.#folder, environment: await this.#exported() };
    return await this.#desk[language === "python" ? "python" : "node"].run(JSON.stringify(request));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#shell[Symbol.asyncDispose]();
  }

  #inShell(command: string): Promise<Ran> {
    return this.#shell.run(`${command}; printf '\\036%s\\036' "$?"`);
  }

  async #exported(): Promise<Record<string, string>> {
    const { output } = await this.#inShell("env -0");
    const lines = output.split("\0").filter((line) => line.includes("="));
    return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  }
}
