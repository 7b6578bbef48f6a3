import type { WatchPricesResponse } from "@alfred/contracts";
import type { PriceBook } from "@alfred/money";

type PriceEvent = NonNullable<WatchPricesResponse["event"]>;

/** The price book as WatchPrices tells of it. A new snapshot replaces the old book once it is whole. */
export class PriceState {
  /** Resolves at the first `synced`. */
  readonly synced: Promise<void>;
  readonly #synced = Promise.withResolvers<void>();
  readonly #newBook: () => PriceBook;
  #book: PriceBook;
  #snapshot: PriceBook | undefined;
  #revision = 0n;

  constructor(newBook: () => PriceBook) {
    this.#newBook = newBook;
    this.#book = newBook();
    this.synced = this.#synced.promise;
  }

  get book(): PriceBook {
    return this.#book;
  }

  /** What names its content. */
  get revision(): bigint {
    return this.#revision;
  }

  apply(event: PriceEvent): void {
    switch (event.$case) {
      case "snapshotStarted":
        this.#snapshot = this.#newBook();
        return;
      case "price":
        (this.#snapshot ?? this.#book).put(event.value);
        return;
      case "synced":
        this.#book = this.#snapshot ?? this.#book;
        this.#snapshot = undefined;
        this.#revision = event.value.revision;
        this.#synced.resolve();
    }
  }
}
