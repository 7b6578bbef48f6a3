/** A clock: milliseconds, of what epoch is its own matter. */
export type Clock = () => number;

/**
 * A clock that never goes back and runs on while the machine sleeps: the monotonic one, plus the largest lead that the
 * wall clock ever had over it. Monotonic clocks may stop in sleep, wall clocks are set back; a deadline must survive both.
 * A wall clock that jumps ahead makes deadlines early, which costs an acquire and never money.
 *
 * @param monotonicMs as `performance.now()`
 * @param wallMs as `Date.now()`
 */
export function createSteadyClock(monotonicMs: Clock, wallMs: Clock): Clock {
  let leadMs = Number.NEGATIVE_INFINITY;
  return () => {
    const monotonic = monotonicMs();
    leadMs = Math.max(leadMs, wallMs() - monotonic);
    return monotonic + leadMs;
  };
}
