import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { repositoryRoot } from "./repository.ts";

/** How a command ended; `output` holds both of its streams in the order they were read. */
export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
}

/** What a command is given; all of it optional. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The account to run under, for what refuses to run as root. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
  /** Called with each piece of output as it comes, for commands that people wait on. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Runs a command to its end and collects what it said. Never rejects for a non-zero exit code;
 * rejects only when the command cannot be started at all. A command killed by a signal counts as 1.
 */
export function runCommand(file: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd ?? repositoryRoot,
      env: { ...withPinnedNode(process.env), ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.account === undefined ? {} : { uid: options.account.uid, gid: options.account.gid }),
    });
    let output = "";
    const collect = (text: string): void => {
      output += text;
      options.onOutput?.(text);
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode: exitCode ?? 1, output }));
  });
}

/** Puts the Node that runs us first in PATH, so that tools which say `node` get the pinned one. */
export function withPinnedNode(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: `${dirname(process.execPath)}${delimiter}${env["PATH"] ?? ""}` };
}

/** The path of a tool that pnpm linked for the root package, such as `buf`. */
export function localTool(name: string): string {
  return join(repositoryRoot, "node_modules", ".bin", process.platform === "win32" ? `${name}.cmd` : name);
}
