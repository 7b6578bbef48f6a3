import { fail } from "@alfred/errors";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import type { MethodDefinition } from "../call/definition.ts";
import {
  CONNECTION_WINDOW_BYTES,
  KEEPALIVE_TIME_MS,
  KEEPALIVE_TIMEOUT_MS,
  MAX_MESSAGE_BYTES,
} from "../call/limits.ts";
import { RetryBudget } from "../call/retry-budget.ts";
import type { OutgoingCall, Transport } from "../call/transport.ts";
import { wireStream } from "./wire-stream.ts";
import { wireUnary } from "./wire-unary.ts";

/** Where a server is, and how to speak to it. */
export interface SocketTransportOptions {
  /** "host:port". Nothing is connected before the first call; a server that starts later is found. */
  readonly address: string;
  /** Sent with calls that bring no token of their own. */
  readonly token?: string | undefined;
}

// Peers start and restart at any time, so a lost connection is tried again soon and often.
const FIRST_RECONNECT_MS = 100;
const LONGEST_RECONNECT_MS = 2_000;

const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  "grpc-node.flow_control_window": CONNECTION_WINDOW_BYTES,
  "grpc.keepalive_time_ms": KEEPALIVE_TIME_MS,
  "grpc.keepalive_timeout_ms": KEEPALIVE_TIMEOUT_MS,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.initial_reconnect_backoff_ms": FIRST_RECONNECT_MS,
  "grpc.max_reconnect_backoff_ms": LONGEST_RECONNECT_MS,
  // Retries are ours (retry.ts); the library's would keep each request in memory.
  "grpc.enable_retries": 0,
  // Proxies are for the way out to providers, never for the mesh.
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_channelz": 0,
};

/** The way to a server over one HTTP/2 connection. */
export class SocketTransport implements Transport, AsyncDisposable {
  readonly serialises = true;
  readonly retries = new RetryBudget();
  readonly #client: Client;
  readonly #token: string | undefined;

  constructor(options: SocketTransportOptions) {
    this.#client = new Client(options.address, credentials.createInsecure(), CHANNEL_OPTIONS);
    this.#token = options.token;
  }

  unary(method: MethodDefinition, request: unknown, call: OutgoingCall): Promise<unknown> {
    refuseIfAborted(call);
    return wireUnary(this.#client, method, request, this.#metadata(call), call);
  }

  stream(method: MethodDefinition, request: unknown, call: OutgoingCall): AsyncIterable<unknown> {
    refuseIfAborted(call);
    return wireStream(this.#client, method, request, this.#metadata(call), call);
  }

  /** Closes the connection; calls under way end with UNAVAILABLE or CANCELLED. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
  }

  #metadata(call: OutgoingCall): Metadata {
    const metadata = new Metadata();
    if (this.#token !== undefined) metadata.set("authorization", `Bearer ${this.#token}`);
    for (const [name, value] of Object.entries(call.metadata)) metadata.set(name, value);
    return metadata;
  }
}

/** The way to a server over a socket. */
export function socketTransport(options: SocketTransportOptions): SocketTransport {
  return new SocketTransport(options);
}

function refuseIfAborted(call: OutgoingCall): void {
  if (call.signals.some((signal) => signal.aborted)) throw fail("CANCELLED", "The caller ended the call.");
}
