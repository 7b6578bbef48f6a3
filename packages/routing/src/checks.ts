import type { RouteTarget } from "@alfred/contracts";
import { RuleFault } from "./rule-fault.ts";

const MOST_MODELS = 16;
const LONGEST_MODEL = 256;
const MOST_WEIGHT = 1_000;
const LONGEST_ACCOUNT = 64;

/** Where requests go. */
interface Destination {
  readonly targets: readonly RouteTarget[];
  readonly fallbacks: readonly string[];
}

/** @param at what its fields stand in: empty, or "experiment.arms[0]." @throws RuleFault */
export function checkModels({ targets, fallbacks }: Destination, at: string): void {
  for (const [name, list] of Object.entries({ targets, fallbacks })) {
    if (list.length > MOST_MODELS) throw new RuleFault(`${at}${name}`, `${list.length} models`, `State at most ${MOST_MODELS}.`);
  }
  for (const [index, { model, weight }] of targets.entries()) {
    checkModel(model, `${at}targets[${index}].model`);
    checkWeight(weight, `${at}targets[${index}].weight`);
  }
  for (const [index, model] of fallbacks.entries()) checkModel(model, `${at}fallbacks[${index}]`);
}

/** @throws RuleFault */
export function checkModel(model: string, at: string): void {
  if (/^[\x21-\x7e]+$/.test(model) && model.length <= LONGEST_MODEL && !model.includes("*")) return;
  throw new RuleFault(at, "not a model's name", 'Use a name as clients do, as "gpt-4o" or "openai/gpt-4o".');
}

/** @throws RuleFault */
export function checkWeight(weight: number | undefined, at: string): void {
  if (weight === undefined || (weight >= 0 && weight <= MOST_WEIGHT)) return;
  throw new RuleFault(at, "not a weight", `Use a whole number from 0 to ${MOST_WEIGHT}.`);
}

/** @throws RuleFault */
export function checkName(name: string, at: string): void {
  if (!/^[a-z0-9._-]{1,64}$/.test(name)) throw new RuleFault(at, "not a name", 'Use 1 to 64 characters of a-z, 0-9, ".", "_" and "-".');
}

/** @throws RuleFault */
export function checkAccount(account: string, at: string): void {
  if (/^[\x21-\x7e]*$/.test(account) && account.length <= LONGEST_ACCOUNT) return;
  throw new RuleFault(at, "not an account", "Use the id of an organisation, a node or a key.");
}
