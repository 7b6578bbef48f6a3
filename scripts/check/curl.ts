import { installDebianPackages } from "../debian-packages.ts";
import { runs } from "../python/find-python.ts";

const ADVICE = "Missing on this machine: curl, which the guides are tested with. Install it (on Debian or Ubuntu: sudo apt-get install curl).";

/** The curl in PATH, which is installed where that is possible. @throws StartError with what to install */
export async function findCurl(say: (line: string) => void): Promise<string> {
  if (!(await runs("curl", ["--version"]))) await installDebianPackages(["curl"], ADVICE, say);
  return "curl";
}
