import { type ChatCompletionChunk, GatewayServiceService, type LeaseSettlement, ModelPrice, type Receipt, type UsageRecord } from "@alfred/contracts";
import { type Client, createClient } from "@alfred/rpc";
import { setTimeout as pause } from "node:timers/promises";
import { SECRET, price } from "../peers.ts";
import { Rig, UPSTREAM_SECRET } from "../rig.ts";
import { usdOf } from "../wallet-book.ts";
import type { Face } from "./face.ts";
import { type Play, Player } from "./player.ts";
import type { Recording } from "./recording.ts";

/** Nano-dollars per token. */
export const PRICES = { input: 1_000n, cached: 100n, output: 2_000n };
/** No connection here is left open with something still due, so only a machine that stands still is silent for as long. */
const IDLE_MS = 15_000;
/** How long a record may take to arrive after its request was settled. */
const [POLL_MS, MOST_POLLS] = [5, 2_000];

/** What a client was told, and what it cost. */
export interface Told {
  readonly requestId: string;
  readonly chunks: readonly ChatCompletionChunk[];
  /** What came after the last chunk, once for each end. */
  readonly receipts: readonly Receipt[];
  /** The failure as the client sees it; anything but an AlfredError is a mistake of ours. */
  readonly error: unknown;
  /** Whether anything came after an end. */
  readonly isOverrun: boolean;
}

/** A settled hold: what it may cost, and what it did. */
interface Settled {
  readonly worst: bigint;
  readonly cost: bigint;
}

/** A gateway with its money in memory, and a provider of each dialect that plays what it is told. */
export class Trial implements AsyncDisposable {
  readonly rig: Rig;
  readonly settled = new Map<string, Settled>();
  readonly #face: Face;
  readonly #player: Player;
  readonly #inProcess: Client<typeof GatewayServiceService>;
  #count = 0;

  private constructor(rig: Rig, player: Player, face: Face) {
    this.rig = rig;
    this.#face = face;
    this.#player = player;
    this.#inProcess = createClient(GatewayServiceService, rig.service.transport, { token: SECRET, timeoutMs: 60_000 });
    const { wallet } = rig.peers;
    const settle = wallet.settle.bind(wallet);
    wallet.settle = (request) => {
      for (const settlement of request.settlements) this.#note(settlement);
      return settle(request);
    };
  }

  static async start(recordings: readonly Recording[], face: Face): Promise<Trial> {
    const player = await Player.start();
    const providers = recordings.map(({ name, kind, priceBook, basePath }) => ({ id: name, kind, priceBook, baseUrl: player.url + basePath, secret: UPSTREAM_SECRET }));
    const meters = [price("input_tokens", PRICES.input * 1_000_000n), price("cache_read_tokens", PRICES.cached * 1_000_000n), price("output_tokens", PRICES.output * 1_000_000n)];
    const models = new Map(recordings.map(({ priceBook, model }) => [`${priceBook} ${model}`, { provider: priceBook, model }]));
    const prices = [...models.values()].map((named) => ModelPrice.create({ ...named, contextWindow: 200_000n, meters }));
    const env = { ALFRED_UPSTREAM_IDLE_TIMEOUT_MS: String(IDLE_MS), ALFRED_GATEWAY_REQUEST_TIMEOUT_MS: "60000" };
    return new Trial(await Rig.start({ peers: { providers, prices }, env }), player, face);
  }

  /** Streams an answer that is played so, over a gRPC socket or within the process. */
  async run(recording: Recording, play: Play, overSocket = false): Promise<Told> {
    const requestId = `fuzz-${(this.#count += 1)}`;
    this.#player.set(requestId, play);
    const call = { requestId, idempotent: false, clientRequestId: "", tags: {}, routeHeaders: {} };
    const gateway = overSocket ? this.rig.gateway : this.#inProcess;
    const chunks: ChatCompletionChunk[] = [];
    const receipts: Receipt[] = [];
    let isOverrun = false;
    let error: unknown;
    try {
      for await (const told of this.#face.ask(gateway, recording, call)) {
        isOverrun ||= receipts.length > 0;
        if ("chunks" in told) chunks.push(...told.chunks);
        else receipts.push(told.receipt);
      }
    } catch (thrown) {
      error = thrown;
    }
    this.#player.forget(requestId);
    return { requestId, chunks, receipts, error, isOverrun };
  }

  /** The records of all requests by their ids, once each of these has one that charges it, or none is to be hoped for. */
  async records(tolds: readonly Told[]): Promise<Map<string, UsageRecord[]>> {
    const { records } = this.rig.peers;
    for (let left = MOST_POLLS; ; left -= 1) {
      const byRequest = Map.groupBy(records.values(), ({ requestId }) => requestId);
      const areThere = tolds.every(({ requestId }) => byRequest.get(requestId)?.some(isCharge) === true);
      if (areThere || left === 0) return byRequest;
      await pause(POLL_MS);
    }
  }

  /** Resolves once nothing is held. @returns what is still held, and what was charged in all */
  async rest(): Promise<{ readonly held: bigint; readonly posted: bigint }> {
    const { wallet } = this.rig.peers;
    await wallet.settled();
    return { held: wallet.held, posted: wallet.posted };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rig[Symbol.asyncDispose]();
    await this.#player[Symbol.asyncDispose]();
  }

  #note({ leaseId, records }: LeaseSettlement): void {
    for (const { number, worst, cost } of records) this.settled.set(`${leaseId}/${number}`, { worst: usdOf(worst), cost: usdOf(cost) });
  }
}

/** Whether a record is the one that its request is charged by; each attempt before it has one, too. */
export function isCharge({ chargeId }: UsageRecord): boolean {
  return chargeId !== "";
}
