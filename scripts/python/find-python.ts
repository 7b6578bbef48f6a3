import { delimiter, join } from "node:path";
import { StartError } from "../../services/all/src/start-error.ts";
import { installDebianPackages } from "../debian-packages.ts";
import { runCommand } from "../run-command.ts";

/** What openai-python asks for at least. */
const OLDEST = "3.10";

/** Says whether a Python will do: of the age, and with what makes an environment, which Debian ships apart. */
const PROBE = `import ensurepip, sys, venv; sys.exit(0 if sys.version_info >= (${OLDEST.replace(".", ", ")}) else 1)`;

const ADVICE = `Missing on this machine: Python ${OLDEST} or newer with its venv module. Install them (on Debian or Ubuntu: sudo apt-get install python3 python3-venv).`;

/** Where to look, and what to do where nothing is found. */
interface Search {
  readonly folders?: readonly string[];
  readonly install?: typeof installDebianPackages;
}

/**
 * The program of a Python that can make virtual environments: the first in PATH that will do, else Debian's own, which is
 * installed where that is possible.
 *
 * @throws StartError with what to install
 */
export async function findPython(say: (line: string) => void, search: Search = {}): Promise<string> {
  const { folders = usualFolders(), install = installDebianPackages } = search;
  const found = await firstThatWillDo(folders);
  if (found !== undefined) return found;
  await install(["python3", "python3-venv"], ADVICE, say);
  const installed = await firstThatWillDo(folders);
  if (installed === undefined) throw new StartError(`apt-get installed no Python that will do. ${ADVICE}`);
  return installed;
}

function usualFolders(): string[] {
  return [...new Set([...(process.env["PATH"] ?? "").split(delimiter).filter(Boolean), "/usr/bin"])];
}

async function firstThatWillDo(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const python = join(folder, "python3");
    if (await runs(python, ["-c", PROBE])) return python;
  }
  return undefined;
}

/** Whether a program is there and ends well. */
export function runs(program: string, args: readonly string[]): Promise<boolean> {
  return runCommand(program, args).then(({ exitCode }) => exitCode === 0, () => false);
}
