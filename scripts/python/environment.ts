// A virtual environment of Python with the packages in requirements.txt, for tests that drive the mesh as Python
// applications do. It is made once and kept in .tools, one folder for each list of packages.
import { hash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { StartError } from "../../services/all/src/start-error.ts";
import { repositoryRoot } from "../repository.ts";
import { runCommand } from "../run-command.ts";
import { findPython, runs } from "./find-python.ts";

const requirements = join(repositoryRoot, "scripts", "python", "requirements.txt");

/**
 * The Python of the environment, which is made where it is missing or broken.
 *
 * @throws StartError with what is missing and what to do
 */
export async function pythonEnvironment(say: (line: string) => void): Promise<string> {
  const digest = hash("sha256", await readFile(requirements, "utf8")).slice(0, 16);
  const folder = join(repositoryRoot, ".tools", "python", digest);
  if (await works(folder)) return programOf(folder);
  const python = await findPython(say);
  say("installing the packages of Python that the tests use into .tools (once)");
  await make(python, folder);
  if (!(await works(folder))) throw new StartError(`The Python environment in ${folder} does not work; remove it and try again.`);
  return programOf(folder);
}

/** Made beside and renamed at the end, so that one that is half made is never taken for a whole one. */
async function make(python: string, folder: string): Promise<void> {
  const parent = join(folder, "..");
  await mkdir(parent, { recursive: true });
  const staging = await mkdtemp(join(parent, "staging-"));
  try {
    await run(python, ["-m", "venv", staging]);
    const install = ["-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--requirement", requirements];
    await run(programOf(staging), [...install, "--disable-pip-version-check", "--no-input", "--quiet"]);
    // Another run may have been faster.
    if (await works(folder)) return;
    await rm(folder, { recursive: true, force: true });
    await rename(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const { exitCode, output } = await runCommand(program, args);
  if (exitCode === 0) return;
  const said = output.trim().split("\n").findLast((line) => /error/i.test(line)) ?? output.trim().split("\n").at(-1);
  throw new StartError(`The Python environment of the tests could not be made (${said?.trim()}). It needs PyPI, or a mirror of it that pip is configured for.`);
}

function works(folder: string): Promise<boolean> {
  return runs(programOf(folder), ["-c", "import anthropic, openai"]);
}

function programOf(folder: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}
