/** Counters of one simulator, printed in the Prometheus text format. */
export class SimMetrics {
  readonly #requests = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  #inFlight = 0;
  #chunks = 0;
  #disconnects = 0;
  #promptTokens = 0;
  #completionTokens = 0;

  /** Requests under way, for the concurrency limit and for disposal. */
  get inFlight(): number {
    return this.#inFlight;
  }

  started(): void {
    this.#inFlight += 1;
  }

  /** `dialect` is a dialect's name and `endpoint` a route's, never a caller's path, so that the set of series is bounded. */
  finished(dialect: string, endpoint: string, status: number | null, chunks: number, disconnected: boolean): void {
    this.#inFlight -= 1;
    this.#chunks += chunks;
    if (disconnected) this.#disconnects += 1;
    increment(this.#requests, `dialect="${dialect}",endpoint="${endpoint}",status="${status ?? "none"}"`);
  }

  fault(name: string): void {
    increment(this.#faults, `fault="${name}"`);
  }

  tokens(prompt: number, completion: number): void {
    this.#promptTokens += prompt;
    this.#completionTokens += completion;
  }

  /** The page at `/metrics`, with the CPU seconds of the process for benchmarks that subtract them. */
  render(): string {
    const { user, system } = process.cpuUsage();
    const lines = [
      ...counter("sim_requests_total", "Requests finished.", this.#requests),
      ...counter("sim_faults_total", "Faults injected.", this.#faults),
      ...counter("sim_tokens_total", "Tokens answered for.", [
        [`kind="prompt"`, this.#promptTokens],
        [`kind="completion"`, this.#completionTokens],
      ]),
      ...counter("sim_stream_chunks_total", "Stream frames sent.", [["", this.#chunks]]),
      ...counter("sim_client_disconnects_total", "Clients gone before their answer was whole.", [["", this.#disconnects]]),
      ...series("sim_requests_in_flight", "gauge", "Requests under way.", [["", this.#inFlight]]),
      ...counter("process_cpu_seconds_total", "CPU time of the process.", [["", (user + system) / 1e6]]),
    ];
    return `${lines.join("\n")}\n`;
  }
}

function increment(counts: Map<string, number>, labels: string): void {
  counts.set(labels, (counts.get(labels) ?? 0) + 1);
}

function counter(name: string, help: string, samples: Iterable<readonly [string, number]>): string[] {
  return series(name, "counter", help, samples);
}

function series(name: string, type: string, help: string, samples: Iterable<readonly [string, number]>): string[] {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  for (const [labels, value] of samples) lines.push(labels === "" ? `${name} ${value}` : `${name}{${labels}} ${value}`);
  return lines;
}
