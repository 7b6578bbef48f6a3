import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../repository.ts";
import { runCommand } from "../run-command.ts";

/** What is not tracked and yet needed to run: installed packages, and the pinned tools. */
const LINKED = ["node_modules", ".tools"];

/** The tracked files as they are now, in a folder of their own in which they may be broken. */
export class TreeCopy implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<TreeCopy> {
    const copy = new TreeCopy(await mkdtemp(join(tmpdir(), "alfred-mutants-")));
    const files = await trackedFiles();
    for (const file of files) await copy.#take(file);
    for (const folder of LINKED) await symlink(join(repositoryRoot, folder), join(copy.root, folder));
    await copy.#linkPackages(files);
    return copy;
  }

  /** Applies a patch; undefined where it applied, else what git said. */
  async apply(patch: string): Promise<string | undefined> {
    // Above the folder there may be a repository that is none of ours.
    const { exitCode, output } = await runCommand("git", ["apply", patch], { cwd: this.root, env: { GIT_CEILING_DIRECTORIES: dirname(this.root) } });
    return exitCode === 0 ? undefined : output.trim();
  }

  /** Takes the files that a patch names from the repository again. */
  async restore(patch: string): Promise<void> {
    const names = (await readFile(patch, "utf8")).matchAll(/^\+\+\+ b\/(\S+)/gm);
    for (const [, file = ""] of names) await this.#take(file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  async #take(file: string): Promise<void> {
    const target = join(this.root, file);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await readFile(join(repositoryRoot, file)));
  }

  /** The links among packages are relative, so that a copy of them leads into the copy. */
  async #linkPackages(files: readonly string[]): Promise<void> {
    const packages = files.filter((file) => /^(packages|services)\/[^/]+\/package\.json$/.test(file)).map(dirname);
    for (const folder of packages) {
      const links = join(repositoryRoot, folder, "node_modules");
      if (existsSync(links)) await cp(links, join(this.root, folder, "node_modules"), { recursive: true, verbatimSymlinks: true });
    }
  }
}

async function trackedFiles(): Promise<string[]> {
  const { exitCode, output } = await runCommand("git", ["ls-files", "-z"]);
  if (exitCode !== 0) throw new Error(`git does not list the files: ${output}`);
  return output.split("\0").filter((file) => file !== "" && existsSync(join(repositoryRoot, file)));
}
