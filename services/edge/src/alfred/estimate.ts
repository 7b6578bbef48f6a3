import type { EstimatePriceRequest, MeterQuantity } from "@alfred/contracts";
import { invalidField, isObject, parseJson } from "@alfred/openai";
import { BodyReader } from "../http/body.ts";
import { type Exchange, sendJson } from "../http/exchange.ts";
import type { Form } from "../http/form.ts";
import { callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import { writeEstimate } from "./dry-run-body.ts";
import { wouldAsk } from "./would-ask.ts";

/** A route that costs something, by which a whole request can be told. */
interface PricedRoute {
  readonly method: string;
  readonly path: string;
  readonly isFree?: string;
  handle(parts: ModelParts, exchange: Exchange): Promise<void>;
}

type Subject = NonNullable<EstimatePriceRequest["subject"]>;

/**
 * POST /v1/pricing/estimate: of a `model` and `quantities` by meter, `input_tokens` and `output_tokens` also beside it; or of
 * a whole request, its `path` and `body`.
 */
export async function estimatePrice(parts: ModelParts, exchange: Exchange, routes: readonly PricedRoute[]): Promise<void> {
  const body = await parts.bodies.read(exchange.request, parseJson);
  if (!isObject(body)) throw invalidField("body", "an object");
  const subject: Subject = body["path"] === undefined ? usageOf(body) : await requestOf(parts, exchange, body, routes);
  const told = await parts.gateway.estimatePrice({ subject }, callOptions(exchange));
  sendJson(exchange.response, 200, writeEstimate(told, exchange.requestId));
}

type Body = Readonly<Record<string, unknown>>;

const METER = /^[a-z][a-z0-9_]{0,63}$/;
const SHORT = ["input_tokens", "output_tokens"] as const;

function usageOf({ model, quantities = {}, ...rest }: Body): Subject {
  if (typeof model !== "string") throw invalidField("model", "a string");
  if (!isObject(quantities)) throw invalidField("quantities", "an object of meters and how much of each");
  const unknown = Object.keys(rest).find((name) => !SHORT.some((short) => short === name));
  if (unknown !== undefined) throw invalidField("body", "without other fields: there are `model`, `quantities`, `input_tokens` and `output_tokens`, or `path` and `body`");
  const all = { ...quantities, ...rest };
  return { $case: "usage", value: { model, quantities: Object.entries(all).map(([meter, value]) => quantityOf(meter, value)) } };
}

function quantityOf(meter: string, value: unknown): MeterQuantity {
  if (!METER.test(meter)) throw invalidField("quantities", "an object of meters, as input_tokens, and how much of each");
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw invalidField(meter, "a whole number, not negative");
  return { meter, quantity: BigInt(value) };
}

/** What the face of that path would ask for this body, read as it reads its own. */
async function requestOf(parts: ModelParts, exchange: Exchange, { path, body }: Body, routes: readonly PricedRoute[]): Promise<Subject> {
  const route = routes.find((each) => each.path === path && each.isFree === undefined);
  if (route === undefined) throw invalidField("path", `one of ${routes.filter(({ isFree }) => isFree === undefined).map((each) => each.path).join(", ")}`);
  const value = await wouldAsk(route.handle, { ...parts, bodies: new GivenBody(body) }, exchange);
  if (value === undefined) throw invalidField("path", "of a route by which a model is asked, as /v1/chat/completions");
  return { $case: "request", value };
}

/** A body that is there already. */
class GivenBody extends BodyReader {
  readonly #body: unknown;

  constructor(body: unknown) {
    super();
    this.#body = body;
  }

  override read(): Promise<unknown> {
    return Promise.resolve(this.#body);
  }

  override readForm(): Promise<Form> {
    return Promise.reject(invalidField("path", "of a route that takes JSON; send forms to it with `x-alfred-dry-run: true`"));
  }
}
