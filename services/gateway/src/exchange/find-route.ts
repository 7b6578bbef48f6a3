import type { Key } from "@alfred/contracts";
import { type AlfredError, fail, isFailure } from "@alfred/errors";
import { type ModelList, refusingList } from "../domain/allowed-models.ts";
import { namesOf } from "../domain/catalogue.ts";
import { nearModels } from "../domain/near-models.ts";
import { type Route, routesOf } from "../domain/route.ts";
import type { Feeds } from "../feeds/feeds.ts";

/** What is known of the installation. */
type Known = Pick<Feeds, "routes" | "prices" | "modelLists">;

/**
 * Sees to it that a key may ask for a model by this name.
 * @throws AlfredError MODEL_NOT_ALLOWED; UNAVAILABLE while it is not known what the key may use
 */
export function requireAllowed({ modelLists }: Pick<Known, "modelLists">, key: Key, model: string): void {
  const refusing = refusingList(modelLists.of(key), model);
  if (refusing !== undefined) throw notAllowed(refusing, model);
}

/**
 * Where a key's request for a model can go: at least one.
 * @throws AlfredError MODEL_NOT_FOUND
 */
export function findRoutes(feeds: Known, key: Key, model: string, at: Date): readonly [Route, ...Route[]] {
  const found = routesOf(feeds.routes, feeds.prices, model, at);
  if (!isSome(found)) throw modelNotFound(feeds, key, model, at);
  return found;
}

function isSome(routes: readonly Route[]): routes is readonly [Route, ...Route[]] {
  return routes.length > 0;
}

function notAllowed({ kind, id }: ModelList, model: string): AlfredError {
  const whose = kind === "key" ? "of this key" : `of the ${kind.replace("_", " ")} ${id}`;
  const setter = kind === "organisation" ? "the operator" : "an administrator of your organisation";
  return fail("MODEL_NOT_ALLOWED", `The model ${model} is not among the allowed models ${whose}.`, {
    hint: `GET /v1/models lists what this key may use; ${setter} can change the list.`,
    metadata: { model, node_kind: kind, node_id: id },
  });
}

/** MODEL_NOT_FOUND for a model that a key's lists leave out: whether somebody serves it is not said. */
export function notForKey(model: string): AlfredError {
  const hint = "GET /v1/models lists what this key may use; its lists of allowed models leave this name out.";
  return fail("MODEL_NOT_FOUND", `There is no model ${model} that this key may use.`, { hint, metadata: { model } });
}

/** MODEL_NOT_FOUND, with what may have been meant among the models that the key may use. */
export function modelNotFound(feeds: Known, key: Key | undefined, model: string, at: Date): AlfredError {
  const { routes, prices, modelLists } = feeds;
  const meant = routes.aliases.get(model);
  const message = meant === undefined ? `No provider here serves the model ${model}.` : `The alias ${model} stands for ${meant}, which no provider here serves.`;
  const near = nearModels(namesOf(routes, prices, modelLists.of(key), at), meant ?? model).filter((name) => name !== model);
  const hint = `${suggestion(feeds, meant ?? model, near)}GET /v1/models lists what is served here; the operator can add a provider, a deployment or an alias.`;
  return fail("MODEL_NOT_FOUND", message, { hint, metadata: { model } });
}

/**
 * The failure of a request, told further: a name that no price book has, though a provider is found by how it begins, may
 * be one that is misspelt.
 */
export function orMeant({ routes, prices, modelLists }: Known, key: Key | undefined, model: string, error: unknown, at: Date): unknown {
  if (!isFailure(error, "PRICE_UNKNOWN")) return error;
  const names = namesOf(routes, prices, modelLists.of(key), at);
  const near = names.some((name) => name === model || model.endsWith(`/${name}`)) ? [] : nearModels(names, model);
  if (near.length === 0) return error;
  return fail("PRICE_UNKNOWN", error.message, { hint: `${didYouMean(near)}${error.hint}`, metadata: error.metadata, cause: error });
}

/** Most providers that are told of. */
const MOST_PROVIDERS = 5;

function suggestion({ routes: { families, providers } }: Known, model: string, near: readonly string[]): string {
  const [, named = "", rest = ""] = /^([^/]+)\/(.*)$/.exec(model) ?? [];
  const ofFamily = providers.has(named) ? [] : (families.get(named) ?? []);
  const options = ofFamily.length > 1 ? ofFamily.slice(0, MOST_PROVIDERS).map(({ id }) => `${id}/${rest}`) : near;
  return options.length === 0 ? "" : didYouMean(options);
}

function didYouMean(names: readonly string[]): string {
  return `Did you mean ${names.join(" or ")}? `;
}
