/** Who pays in the place of callers: accounts that a rule names, and those above them. */
import type { AccountPath, RouteRule } from "@alfred/contracts";

import type { Finder } from "../domain/ports.ts";
import { invalid } from "../domain/refusal.ts";
import { writeKey, writeNode } from "./mappers.ts";

/** The rule with the accounts above the one it names, which never change. Errors: INVALID_ARGUMENT where that cannot pay. */
export async function withPayers(finder: Finder, rule: RouteRule): Promise<RouteRule> {
  const { experiment, shadow } = rule;
  return {
    ...rule,
    experiment: experiment && { ...experiment, accountPath: await pathOf(finder, experiment.account, "experiment.account") },
    shadow: shadow && { ...shadow, accountPath: await pathOf(finder, shadow.account, "shadow.account") },
  };
}

async function pathOf(finder: Finder, account: string, field: string): Promise<AccountPath | undefined> {
  if (account === "") return undefined;
  const [node, key] = [await finder.findNode(account), await finder.findKey(account)];
  if (key?.revokeTime !== undefined) throw invalid(field, "a key that was revoked, which pays nothing", "Use an account that is not closed.");
  const path = (node && writeNode(node).path) ?? (key && writeKey(key).path);
  if (path === undefined) throw invalid(field, "no account of an organisation", "Use the id of an organisation, a node below it, or a key, as ListNodes and ListKeys show them.");
  return path;
}
