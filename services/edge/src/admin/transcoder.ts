import { fromBinary, toJson, type JsonValue, type Registry } from "@bufbuild/protobuf";
import { callBytes, type Descriptors, type HttpRule, type ServiceDefinition, type Transport } from "@alfred/rpc";
import { parseJson } from "@alfred/openai";
import { isDryRun } from "../alfred/dry-run.ts";
import { nothingToTry } from "../alfred/would-ask.ts";
import type { BodyReader } from "../http/body.ts";
import { sendJson, type Exchange } from "../http/exchange.ts";
import { callOptions } from "../http/identity.ts";
import type { Route } from "../http/router.ts";
import { writeLines } from "./lines.ts";
import { requestMessage } from "./request-message.ts";

/** A service with administrative RPCs, and the way to it. */
export interface AdminService {
  readonly definition: ServiceDefinition;
  readonly transport: Transport;
}

interface RequestParts {
  readonly bodies: BodyReader;
  readonly registry: Registry;
}

/**
 * REST routes for every RPC that has a `google.api.http` option, read from the
 * compiled contract: a new RPC needs no code here. Answers are canonical
 * protobuf JSON, defaults included; a stream is one message a line.
 */
export function adminRoutes(descriptors: Descriptors, bodies: BodyReader, services: readonly AdminService[]): Route[] {
  return descriptors.httpRules().flatMap((rule) => {
    const service = services.find(({ definition }) => methodOf(definition, rule.path) !== undefined);
    return service === undefined ? [] : [adminRoute(rule, service, { bodies, registry: descriptors.registry })];
  });
}

function adminRoute(rule: HttpRule, { definition, transport }: AdminService, parts: RequestParts): Route {
  const name = methodOf(definition, rule.path) ?? "";
  return {
    method: rule.verb,
    path: rule.pattern,
    async handle(exchange) {
      if (rule.verb !== "GET" && isDryRun(exchange)) throw nothingToTry(exchange);
      const options = callOptions(exchange);
      const request = await readRequest(rule, exchange, parts);
      const answer = callBytes(definition, name, transport, request, options);
      const show = (bytes: Uint8Array): JsonValue =>
        toJson(rule.method.output, fromBinary(rule.method.output, bytes), { registry: parts.registry, alwaysEmitImplicit: true });
      if (Symbol.asyncIterator in answer) return writeLines(exchange, shown(answer, show));
      sendJson(exchange.response, 200, show(await answer));
    },
  };
}

async function readRequest(rule: HttpRule, exchange: Exchange, { bodies, registry }: RequestParts): Promise<Uint8Array> {
  const body = rule.hasBody ? await bodies.read(exchange.request, parseJson) : undefined;
  const { params, query, requestId } = exchange;
  return requestMessage(rule.method.input, { body, params, query, requestId }, registry);
}

async function* shown(messages: AsyncIterable<Uint8Array>, show: (bytes: Uint8Array) => JsonValue): AsyncIterable<JsonValue> {
  for await (const bytes of messages) yield show(bytes);
}

function methodOf(definition: ServiceDefinition, path: string): string | undefined {
  return Object.keys(definition).find((name) => definition[name]?.path === path);
}
