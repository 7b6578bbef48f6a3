import { type Call, type DryRunRequest, GatewayServiceService } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { Exchange } from "../http/exchange.ts";
import type { ModelParts } from "../http/model-parts.ts";

/** How a face asks the gateway. */
type Handle = (parts: ModelParts, exchange: Exchange) => Promise<void>;

type Asked = NonNullable<DryRunRequest["asked"]>;

/** What a request for a model is called in the contract. Requests of faces have theirs under the same name. */
const FACES: readonly Asked["$case"][] = ["chat", "message", "response", "completion", "embedding", "moderation", "image", "speech", "transcription", "translation", "edit", "variation"];
/** Those that go with files, which stand beside: what is asked is the whole request of their RPC. */
const WITH_FILES = new Set<Asked["$case"]>(["transcription", "translation", "edit", "variation"]);

/** Thrown in the place of asking: what would have been asked. */
class Would extends Error {
  readonly request: DryRunRequest | undefined;

  constructor(request: DryRunRequest | undefined) {
    super("nothing is asked");
    this.request = request;
  }
}

/** A gateway that answers nothing: whatever a face asks of it is thrown, so that nothing after that runs. */
const RECORDER = Object.fromEntries(
  Object.keys(GatewayServiceService).map((name) => [name, (request: object): never => {
    throw new Would(requestOf(name, request));
  }]),
) as unknown as ModelParts["gateway"];

/**
 * What a face would ask of the gateway, which is not asked: its body and its headers are read as always. Undefined where that is no request for a model.
 *
 * @throws AlfredError what is wrong with the request
 */
export async function wouldAsk(handle: Handle, parts: ModelParts, exchange: Exchange): Promise<DryRunRequest | undefined> {
  try {
    await handle({ ...parts, gateway: RECORDER }, exchange);
  } catch (error) {
    if (error instanceof Would) return error.request;
    throw error;
  }
  return undefined;
}

/** Where a route has no dry run. */
export function nothingToTry({ path, request: { method = "" } }: Exchange): Error {
  return fail("INVALID_ARGUMENT", `There is no dry run of ${method} ${path}.`, {
    hint: "Leave `x-alfred-dry-run` out: it is for routes by which models are asked at a price.",
    metadata: { field: "x-alfred-dry-run" },
  });
}

function requestOf(rpc: string, request: object): DryRunRequest | undefined {
  const fields = request as { readonly call?: Call } & Partial<Record<Asked["$case"], unknown>>;
  const face = FACES.find((name) => fields[name] !== undefined);
  if (face === undefined) return undefined;
  return { call: fields.call, streamed: rpc.startsWith("stream"), asked: { $case: face, value: WITH_FILES.has(face) ? { ...request, call: undefined } : fields[face] } as Asked };
}
