/** Lets a loop sleep until something happens or time is up. A wake-up while it is awake counts for the next sleep. */
export class WakeUp {
  #woken = Promise.withResolvers<void>();

  /** Ends the sleep under way, or the next one. */
  wake(): void {
    this.#woken.resolve();
  }

  /** Sleeps until woken, or for `timeoutMs`. */
  async sleep(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.wake(), timeoutMs);
    await this.#woken.promise;
    clearTimeout(timer);
    this.#woken = Promise.withResolvers();
  }
}
