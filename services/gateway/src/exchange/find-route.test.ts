import { AccountKind, Key, ModelPrice, Node } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { PriceBook } from "@alfred/money";
import { expect, test } from "vitest";
import { createRoutingTable } from "../domain/route.ts";
import { ModelLists } from "../feeds/model-lists.ts";
import { findRoutes, orMeant, requireAllowed } from "./find-route.ts";

const AT = new Date("2026-11-21T12:00:00Z");
const upstream = (id: string, priceBook: string) => ({ id, kind: "openai" as const, baseUrl: `https://${id}.test/v1`, secret: "", priceBook });
const aliases = new Map([["lost", "gone-for-good"]]);
const routes = createRoutingTable([upstream("eu", "openai"), upstream("us", "openai"), upstream("groq", "groq")], [], aliases);
const prices = new PriceBook(["gpt-4o", "gpt-4o-mini", "o3"].map((model) => ModelPrice.create({ provider: "openai", model, free: true })));

function keyUnder(organisation: string[], own: string[] = []): { feeds: Parameters<typeof findRoutes>[0]; key: Key } {
  const node = Node.create({ id: "org_1", kind: AccountKind.ACCOUNT_KIND_ORGANISATION, allowedModels: organisation });
  const modelLists = new ModelLists({ onNode: (listener) => (listener(node), () => undefined) });
  const account = (id: string, kind: AccountKind) => ({ id, kind, initialLimits: [] });
  const accounts = [account("key_1", AccountKind.ACCOUNT_KIND_KEY), account("org_1", AccountKind.ACCOUNT_KIND_ORGANISATION)];
  const key = Key.create({ id: "key_1", allowedModels: own, path: { organisationId: "org_1", timeZone: "UTC", accounts } });
  return { feeds: { routes, prices, modelLists }, key };
}

function refusal(model: string, { feeds, key } = keyUnder([])): AlfredError {
  try {
    requireAllowed(feeds, key, model);
    findRoutes(feeds, key, model, AT);
  } catch (error) {
    return error as AlfredError;
  }
  throw new Error(`${model} was found.`);
}

test("a route is found where all lists allow the name", () => {
  const { feeds, key } = keyUnder(["gpt-*"], ["gpt-4o"]);
  expect(findRoutes(feeds, key, "gpt-4o", AT).map(({ upstream: { id } }) => id)).toEqual(["eu"]);
});

test("a name that is not allowed says whose list refused, and who can change it", () => {
  const byKey = refusal("o3", keyUnder([], ["gpt-*"]));
  expect(byKey).toMatchObject({ code: "MODEL_NOT_ALLOWED", metadata: { model: "o3", node_kind: "key", node_id: "key_1" } });
  expect(byKey.hint).toContain("an administrator");
  const byOrganisation = refusal("o3", keyUnder(["gpt-*"]));
  expect(byOrganisation.metadata).toEqual({ model: "o3", node_kind: "organisation", node_id: "org_1" });
  expect(byOrganisation.hint).toContain("the operator");
});

test("a name that nobody serves is told what is near, among what the key may use", () => {
  expect(refusal("gtp-4o-mini").hint).toMatch(/^Did you mean gpt-4o-mini\?/);
  expect(refusal("gtp-4o-mini", keyUnder(["gtp-*", "gpt-4o"])).hint).not.toContain("gpt-4o-mini");
  expect(refusal("xyz").hint).toMatch(/^GET/);
});

test("a name without a price is told what is near, unless it is a known one, and any other failure is left alone", () => {
  const { feeds, key } = keyUnder(["gpt-4o*"]);
  const unpriced = fail("PRICE_UNKNOWN", "Not known.", { hint: "Ask.", metadata: { model: "gpt-4o-minni" } });
  expect(orMeant(feeds, key, "gpt-4o-minni", unpriced, AT)).toMatchObject({ code: "PRICE_UNKNOWN", hint: "Did you mean gpt-4o-mini or gpt-4o? Ask.", metadata: { model: "gpt-4o-minni" } });
  for (const known of ["gpt-4o", "eu/gpt-4o", "xyz"]) expect(orMeant(feeds, key, known, unpriced, AT)).toBe(unpriced);
  const other = fail("OVERLOADED", "Busy.");
  expect(orMeant(feeds, key, "gpt-4o-minni", other, AT)).toBe(other);
});

test("a family of several providers is told which there are", () => {
  expect(refusal("openai/gpt-4o").hint).toMatch(/^Did you mean eu\/gpt-4o or us\/gpt-4o\?/);
});

test("an alias of what nobody serves is told by what it stands for", () => {
  expect(refusal("lost").message).toBe("The alias lost stands for gone-for-good, which no provider here serves.");
});
