import type { Effect, HelloEffect } from "../../services/gateway/src/leases/effect.ts";
import type { LeaseNews } from "./messages.ts";
import type { ProcessParts } from "./process-parts.ts";
import { LeaseStream } from "./stream.ts";

/** The wallet says at least something every five seconds. */
const SILENCE_MS = 10_000;
/** How long a welcome may take. */
const WELCOME_MS = 3_000;

/** The watch of one process: it says who it is, hears the news, and begins anew where that breaks off. */
export class ProcessWatch {
  readonly #parts: ProcessParts;
  #hello: HelloEffect | undefined;
  #identity: { readonly gatewayId: string; readonly incarnation: bigint } | undefined;
  #stream: LeaseStream | undefined;
  #lastNewsMs = 0;
  #isOver = false;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
  }

  /** Under which name and number the wallet welcomed it; undefined before. */
  get identity(): { readonly gatewayId: string; readonly incarnation: bigint } | undefined {
    return this.#identity;
  }

  /** Says this from now on. */
  say(hello: HelloEffect): void {
    this.#hello = hello;
    this.#open();
  }

  /** A stream that says nothing is as good as broken. */
  tick(): void {
    if (this.#stream?.isOpen === true && this.#parts.nowMs() - this.#lastNewsMs > SILENCE_MS) this.#open();
  }

  end(): void {
    this.#isOver = true;
    this.#stream?.break();
  }

  #open(): void {
    const { world, link, nowMs, soon } = this.#parts;
    const hello = this.#hello;
    if (hello === undefined || this.#isOver) return;
    this.#stream?.close();
    this.#lastNewsMs = nowMs();
    const stream = new LeaseStream(world.agenda, link, {
      hear: (news) => soon(() => this.#hear(stream, news)),
      broken: () => this.#openAgain(stream),
    });
    this.#stream = stream;
    link.send("to-wallet", () => world.wallet.watch(hello, stream));
    world.agenda.after(WELCOME_MS, () => {
      if (this.#stream === stream && this.#identity === undefined) this.#openAgain(stream);
    });
  }

  #openAgain(stream: LeaseStream): void {
    const { world, random } = this.#parts;
    stream.close();
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    world.agenda.after(random.between(100, 1_500), () => this.#open());
  }

  #hear(stream: LeaseStream, news: LeaseNews): readonly Effect[] {
    const { core, promises } = this.#parts;
    if (this.#stream !== stream) return [];
    const nowMs = this.#parts.nowMs();
    this.#lastNewsMs = nowMs;
    switch (news.type) {
      case "welcome":
        this.#identity = { gatewayId: this.#hello?.gatewayId ?? "", incarnation: news.incarnation };
        return core.welcomed(news.startId, news.incarnation, nowMs);
      case "superseded":
        stream.close();
        return core.superseded(news.startId, nowMs);
      case "recalled":
        promises.recalled(news.leaseIds);
        return core.recalled(news.leaseIds, nowMs);
      case "limits-revised":
        return core.limitsRevised(news.organisationId, news.revision, nowMs);
      case "quiet":
        return [];
    }
  }
}
