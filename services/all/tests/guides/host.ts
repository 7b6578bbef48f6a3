import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";

/** What a program did. */
export interface Ran {
  readonly status: string;
  readonly output: string;
  /** What it said beside its output. */
  readonly said: string;
}

/** Stands around the status at the end of each program's output; nothing that is printed has it. */
const MARK = "\u001E";

/** A process that runs one program after the other, each told in a line, so that what they import is loaded once. */
export class Host implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = "";
  #said = "";
  #hasEnded = false;
  #news = Promise.withResolvers<void>();

  constructor(program: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#child = spawn(program, args, { env: environment });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => this.#tell(() => (this.#output += text)));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
    this.#child.on("error", ({ message }) => this.#tell(() => (this.#said += message)));
    this.#child.on("close", () => this.#tell(() => (this.#hasEnded = true)));
  }

  /** Tells the process what to run, and waits for the end of it. @throws Error where the process ends */
  async run(line: string): Promise<Ran> {
    this.#output = "";
    this.#said = "";
    this.#child.stdin.write(`${line}\n`);
    while (this.#output.split(MARK).length < 3) {
      if (this.#hasEnded) throw new Error(`The process that runs the programs ended: ${this.#output}${this.#said}`);
      await this.#news.promise;
    }
    const [output = "", status = ""] = this.#output.split(MARK);
    return { status, output, said: this.#said };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    const closed = once(this.#child, "close");
    this.#child.kill();
    await closed;
  }

  #tell(change: () => void): void {
    change();
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
