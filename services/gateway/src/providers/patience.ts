/** How long a provider may be silent. */
export interface PatienceConfig {
  /** From the request to the first byte of the answer's body, in milliseconds: models think before they speak. */
  readonly firstByteMs: number;
  /** Between two pieces of the body, in milliseconds. */
  readonly idleMs: number;
}

/** Where a provider was silent for too long. */
export type Silence = "first_byte" | "between_chunks";

/** Minds that an answer begins, and goes on. Whatever comes is a sign of life, comments too; only the whole time bounds those. */
export class Patience {
  readonly #config: PatienceConfig;
  readonly #onSilence: (where: Silence) => void;
  readonly #isHeldBack: () => boolean;
  #timer: NodeJS.Timeout | undefined;
  #hasBegun = false;

  /** @param isHeldBack whether nothing can come because the reader lags; then silence is its own */
  constructor(config: PatienceConfig, onSilence: (where: Silence) => void, isHeldBack: () => boolean) {
    this.#config = config;
    this.#onSilence = onSilence;
    this.#isHeldBack = isHeldBack;
  }

  /** The provider is being asked. */
  begin(): void {
    this.#timer ??= setTimeout(() => this.#onSilence("first_byte"), this.#config.firstByteMs);
  }

  /** A piece of the body came. */
  heard(): void {
    if (this.#hasBegun) {
      this.#timer?.refresh();
      return;
    }
    this.#hasBegun = true;
    this.stop();
    this.#timer = setTimeout(() => this.#check(), this.#config.idleMs);
  }

  /** The reader has caught up: only from now on is silence the provider's. */
  resumed(): void {
    if (this.#hasBegun) this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #check(): void {
    if (this.#isHeldBack()) this.#timer?.refresh();
    else this.#onSilence("between_chunks");
  }
}
