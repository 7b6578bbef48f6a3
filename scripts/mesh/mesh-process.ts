import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { repositoryRoot } from "../repository.ts";

const leash = new URL("leash.ts", import.meta.url).href;
const graceMs = 40_000;

/** What runs, and where its lines go. */
export interface MeshProcessOptions {
  readonly name: string;
  /** From the repository's root. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
}

/** One process of the mesh; disposing asks it to stop, waits, and ends it when it does not. */
export class MeshProcess implements AsyncDisposable {
  readonly name: string;
  /** Resolves with how it ended, wanted or not: `exit code 1`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  #isStopping = false;

  constructor({ name, entry, args = [], env, print }: MeshProcessOptions) {
    this.name = name;
    // A group of its own: Ctrl-C at the terminal must reach the mesh alone, which stops one after the other.
    const child = spawn(process.execPath, ["--import", leash, join(repositoryRoot, entry), ...args], {
      cwd: repositoryRoot,
      env,
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    // A process that ends while the mesh still holds its stdin is no error of the mesh.
    child.stdin.on("error", () => undefined);
    const outputs = [prefixed(child.stdout, name, print), prefixed(child.stderr, name, print)];
    this.#child = child;
    this.ended = endOf(child, outputs);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it was told to stop, so that its end is no news. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), graceMs);
    await this.ended;
    clearTimeout(timer);
  }
}

function endOf(child: ChildProcess, outputs: readonly Promise<void>[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once("error", (error) => resolve(error.message));
  child.once("exit", (exitCode, signal) => resolve(signal === null ? `exit code ${exitCode}` : `signal ${signal}`));
  // Its last words come before the news of its end.
  return promise.then(async (end) => {
    await Promise.all(outputs);
    return end;
  });
}

/** Prints each line with the name before it; resolves at the end of the stream. */
function prefixed(stream: Readable, name: string, print: (line: string) => void): Promise<void> {
  const lines = createInterface({ input: stream });
  lines.on("line", (line) => print(`${name.padEnd(longestName)} | ${line}`));
  const { promise, resolve } = Promise.withResolvers<void>();
  lines.once("close", resolve);
  return promise;
}

const longestName = "directory".length;
