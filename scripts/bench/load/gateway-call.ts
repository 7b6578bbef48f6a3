import { type ChatRequest, GatewayServiceService } from "../../../packages/contracts/src/index.ts";
import { parseJson, readChatRequest } from "../../../packages/openai/src/index.ts";
import { type Client, createClient, socketTransport } from "../../../packages/rpc/src/index.ts";
import type { Tally } from "./tally.ts";
import type { LoadTask } from "./task.ts";

const TIMEOUT_MS = 20_000;

type Gateway = Client<typeof GatewayServiceService>;

/** Sends requests to a gateway over one connection, as an edge does. The connection ends with the process. */
export function gatewaySender({ origin, bodies, key }: Pick<LoadTask, "origin" | "bodies" | "key">, tally: Tally): () => Promise<void> {
  const gateway = createClient(GatewayServiceService, socketTransport({ address: origin }), { token: key, timeoutMs: TIMEOUT_MS });
  const requests = bodies.map((body) => readChatRequest(parseJson(body)));
  let sent = 0;
  return async () => {
    const request = requests[sent++ % requests.length];
    const sentAt = performance.now();
    try {
      if (request !== undefined) await ask(gateway, request, tally);
      tally.answered();
      tally.timed(sentAt);
    } catch (error) {
      tally.failed(error instanceof Error ? error.message : String(error));
    }
  };
}

async function ask(gateway: Gateway, { chat, stream }: { readonly chat: ChatRequest; readonly stream: boolean }, tally: Tally): Promise<void> {
  if (!stream) {
    await gateway.createChatCompletion({ call: undefined, chat });
    return;
  }
  for await (const { event } of gateway.streamChatCompletion({ call: undefined, chat })) if (event?.$case === "chunk") tally.arrived(1);
}
