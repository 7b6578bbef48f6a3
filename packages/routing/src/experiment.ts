import { hash } from "node:crypto";
import type { ExperimentArm, RouteExperiment } from "@alfred/contracts";
import { checkAccount, checkModels, checkName, checkWeight } from "./checks.ts";
import { type RequestFacts, fieldOf } from "./facts.ts";
import { RuleFault } from "./rule-fault.ts";

/** An experiment that can be asked. */
export interface CompiledExperiment {
  readonly experiment: RouteExperiment;
  /**
   * The arm that a request is in: the same for the same subject, at whichever gateway, as long as the arms are the same.
   * @param ofRequest the name of the request itself, by which it is divided where it has nothing to stick to
   */
  armOf(facts: RequestFacts, ofRequest: () => string): ExperimentArm;
}

const MOST_ARMS = 16;
const STICKY = /^(?:user|key|team|organisation|tag:.*|header:.*)$/;

/** An experiment as its arms are asked for. @throws RuleFault where it cannot be used */
export function compileExperiment(experiment: RouteExperiment): CompiledExperiment {
  checkExperiment(experiment);
  const subjectOf = readerOf(experiment.stickyBy);
  return { experiment, armOf: (facts, ofRequest) => chooseArm(experiment, subjectOf(facts) || ofRequest()) };
}

function checkExperiment({ name, arms, account }: RouteExperiment): void {
  checkName(name, "experiment.name");
  checkAccount(account, "experiment.account");
  if (arms.length < 1 || arms.length > MOST_ARMS) throw new RuleFault("experiment.arms", `${arms.length} arms`, `State 1 to ${MOST_ARMS}.`);
  if (new Set(arms.map((arm) => arm.name)).size < arms.length) throw new RuleFault("experiment.arms", "two of one name", "Give each arm a name of its own.");
  for (const [index, arm] of arms.entries()) {
    const at = `experiment.arms[${index}]`;
    checkName(arm.name, `${at}.name`);
    checkWeight(arm.weight, `${at}.weight`);
    checkModels(arm, `${at}.`);
  }
  if (arms.every(({ weight }) => weight === 0)) throw new RuleFault("experiment.arms", "no arm has a weight", "Give one of them a weight above 0.");
}

/** What a request sticks by; the empty text where it has none. @throws RuleFault */
function readerOf(stickyBy: string): (facts: RequestFacts) => string {
  if (stickyBy === "") return () => "";
  const field = STICKY.test(stickyBy) ? fieldOf(stickyBy) : undefined;
  if (field?.kind === "text") return field.read;
  throw new RuleFault("experiment.sticky_by", "not what a request can stick by", "Use user, key, team, organisation, tag:<name> or header:x-alfred-route-<name>, or leave it out.");
}

/**
 * Weighted rendezvous hashing: each arm draws a number for the subject that no other arm and no weight has a part in, and
 * the one with the smallest, divided by its weight, has the subject. So where one weight changes, subjects only move to that
 * arm or away from it, as many as its share changes by. (Schindelhauer and Schomaker, "Weighted distributed hash tables",
 * 2005: an exponentially distributed number divided by a weight is the smallest with a probability in proportion to it.)
 */
function chooseArm({ name, arms }: RouteExperiment, subject: string): ExperimentArm {
  const drawn = arms.map((arm) => ({ arm, distance: -Math.log(uniform(`${name}/${arm.name}/${subject}`)) / (arm.weight ?? 1) }));
  return drawn.reduce((least, each) => (each.distance < least.distance ? each : least)).arm;
}

/** A number between 0 and 1, neither of them, that is always the same for a text. */
function uniform(text: string): number {
  const drawn = hash("sha256", text, "buffer").readUIntBE(0, 6);
  return (drawn + 0.5) / 2 ** 48;
}
