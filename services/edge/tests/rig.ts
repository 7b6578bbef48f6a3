import { GatewayServiceService, Key, Role } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { createServer, implement, principalOfKey, type Handlers, type RpcServer, type Transport } from "@alfred/rpc";
import { createLogger, createRegistry, type Logger } from "@alfred/telemetry";
import { createEdgeService, type EdgeConfig } from "../src/index.ts";

/** The RPCs of a gateway that says what a test scripts; what is not scripted is unavailable. */
export type Script = Partial<Handlers<typeof GatewayServiceService>>;

const unscripted = (): never => {
  throw fail("UNAVAILABLE", "This is not scripted.");
};

/** A server of such a gateway, which listens nowhere yet. */
export function scriptedGateway(script: Script): RpcServer {
  const principal = principalOfKey(Key.create({ id: "key_1", organisationId: "org_1", role: Role.ROLE_USER }));
  const names = Object.keys(GatewayServiceService) as (keyof Script)[];
  const handlers = Object.fromEntries(names.map((name) => [name, script[name] ?? unscripted])) as unknown as Handlers<typeof GatewayServiceService>;
  return createServer({ name: "gateway", bindings: [implement(GatewayServiceService, handlers)], authenticate: () => principal, log: silent(), drainMs: 100 });
}

function silent(): Logger {
  return createLogger({ name: "edge-test", level: "silent" });
}

/** An edge on a socket of its own, before a scripted gateway; every key is let in. */
export class EdgeRig implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  #url = "";

  /** @param way to another gateway than the scripted one */
  static async start(script: Script, changes: Partial<EdgeConfig> = {}, way?: Transport, drainMs?: number): Promise<EdgeRig> {
    const rig = new EdgeRig();
    const transport = way ?? rig.#stack.use(scriptedGateway(script)).transport;
    const peers = { gateway: transport, metering: transport, wallet: transport, directory: transport, audit: transport };
    const config = { host: "127.0.0.1", port: 0, silenceMs: 60_000, requestTimeoutMs: 60_000, corsOrigins: ["*"], ...changes };
    const edge = rig.#stack.use(createEdgeService(config, { peers, log: silent(), registry: createRegistry(), ...(drainMs !== undefined && { drainMs }) }));
    rig.#url = `http://127.0.0.1:${(await edge.start()).port}`;
    return rig;
  }

  /** Where it listens. */
  get address(): { readonly host: string; readonly port: number } {
    const { hostname: host, port } = new URL(this.#url);
    return { host, port: Number(port) };
  }

  /** Sends a request, with a key unless the headers say otherwise. */
  send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: "Bearer any", "content-type": "application/json", ...(init.headers as Record<string, string>) };
    return fetch(this.#url + path, { ...init, headers });
  }

  /** Sends a form, with a key. */
  sendForm(path: string, body: FormData, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.#url + path, { method: "POST", body, headers: { authorization: "Bearer any", ...headers } });
  }

  /** Asks for a chat with this body besides model and message. */
  chat(more: object = {}, headers: Record<string, string> = {}): Promise<Response> {
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }], ...more });
    return this.send("/v1/chat/completions", { method: "POST", body, headers });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
