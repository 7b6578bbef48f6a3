/** Applies the configuration file whenever it has changed, for as long as the directory runs. */
import { setTimeout as pause } from "node:timers/promises";

import type { Logger } from "@alfred/telemetry";

import type { DirectoryMetrics } from "../metrics.ts";
import type { Mutations } from "../store/mutations.ts";
import type { SecretBox } from "../store/secret-box.ts";
import { applyGiven } from "./apply.ts";
import type { Applied } from "./apply.ts";
import { ConfigFileError } from "./config-file-error.ts";
import type { ConfigFile, ConfigFileReading } from "./config-file.ts";
import type { FileContent, GivenNow } from "./given.ts";

/** What following works with. */
export interface FollowerParts {
  readonly file: Pick<ConfigFile, "path" | "read">;
  readonly given: GivenNow;
  readonly mutations: Pick<Mutations, "seed">;
  readonly secrets: SecretBox;
  readonly metrics: DirectoryMetrics;
  readonly log: Logger;
  /** The pauses between looks at the file, and after the database failed, in milliseconds. */
  readonly pollMs?: number;
  readonly retryMs?: number;
}

/**
 * How often the file is read. Contents are compared, and neither times nor notices of the file system, since a file that
 * is mounted may be swapped behind a symbolic link.
 */
const POLL_MS = 250;
/** The pause after the database failed. */
const RETRY_MS = 5_000;

/** Follows one file. A change counts once it was found the same twice, so that nothing half-written is applied. */
export class ConfigFileFollower implements AsyncDisposable {
  readonly #parts: FollowerParts;
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;
  #handled: string;
  #seen: string;

  /** @param fingerprint of the file as it was applied at the start */
  constructor(parts: FollowerParts, fingerprint: string) {
    this.#parts = parts;
    this.#handled = fingerprint;
    this.#seen = fingerprint;
    this.#following = this.#follow();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    const { pollMs = POLL_MS, retryMs = RETRY_MS } = this.#parts;
    for (let isWell = true; !signal.aborted; ) {
      await pause(isWell ? pollMs : retryMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) isWell = await this.#look();
    }
  }

  /** @returns false where it is to be tried again */
  async #look(): Promise<boolean> {
    const { file, metrics, log } = this.#parts;
    try {
      const reading = await file.read();
      const isSettled = reading.fingerprint === this.#seen;
      this.#seen = reading.fingerprint;
      if (isSettled && reading.fingerprint !== this.#handled) await this.#take(reading);
      return true;
    } catch (err) {
      metrics.configFile("failed");
      log.error({ err, file: file.path }, "the configuration file could not be applied; it is tried again");
      return false;
    }
  }

  async #take(reading: ConfigFileReading): Promise<void> {
    const { metrics, log, file } = this.#parts;
    try {
      if ("error" in reading) throw reading.error;
      await this.#apply(reading.content);
      metrics.configFile("applied");
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error;
      metrics.configFile("refused");
      const problems = error.lines;
      log.error({ file: file.path, problems }, "the configuration file cannot be used; what was read last stays");
    }
    this.#handled = reading.fingerprint;
  }

  async #apply(content: FileContent): Promise<void> {
    const { given, mutations, secrets, log, file } = this.#parts;
    const next = given.current.with(content);
    const applied = await mutations.seed((transaction) => applyGiven(transaction, secrets, next), "file");
    given.current = next;
    const { providers, deployments, aliases, rules } = content;
    const counts = { providers: providers.length, deployments: deployments.length, aliases: aliases.length, rules: rules.length };
    log.info({ file: file.path, ...counts }, "the configuration file was applied");
    tellApplied(applied, log);
  }
}

/** Logs what was left as it is, and why. */
export function tellApplied({ overridden, kept, withheld }: Applied, log: Logger): void {
  for (const { id, problem } of withheld) log.warn({ rule: id, problem }, "a rule for routes is given and not used until the account that it names can pay and the file is read anew");
  for (const { what, by } of overridden) log.info(`${what} was configured by calls; what ${by} gives is not used`);
  for (const id of kept) {
    log.warn(`the provider ${id} is given no longer and stays, since deployments that calls have put are served by it, or batches run there`);
  }
}
