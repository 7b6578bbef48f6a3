import { delimiter, join } from "node:path";
import { StartError } from "../../services/all/src/start-error.ts";
import { installDebianPackages } from "../debian-packages.ts";
import { runCommand } from "../run-command.ts";

/** What openai-python asks for at least. */
const OLDEST = "3.10";

/** Says whether a Python will do: of the age, and with what makes an environment, which Debian ships apart. */
const PROBE = `import ensurepip, sys, venv; sys.exit(0 if sys.version_info >= (${OLDEST.replace(".", ", ")}) else 1)`;

const ADVICE = `Missing on this machine: Python ${OLDEST} or newer with its venv module. Install them (on Debian or Ubuntu: sudo apt-get install python3 python3-venv).`;

/**
 * The program of a Python that can make virtual environments: one in PATH, else Debian's own, which is installed where
 * that is possible.
 *
 * @throws StartError with what to install
 */
export async function findPython(say: (line: string) => void): Promise<string> {
  const found = await firstThatWillDo();
  if (found !== undefined) return found;
  await installDebianPackages(["python3", "python3-venv"], ADVICE, say);
  const installed = await firstThatWillDo();
  if (installed === undefined) throw new StartError(`apt-get installed no Python that will do. ${ADVICE}`);
  return installed;
}

async function firstThatWillDo(): Promise<string | undefined> {
  const folders = new Set([...(process.env["PATH"] ?? "").split(delimiter).filter(Boolean), "/usr/bin"]);
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
