import type { RouteExperiment, RouteShadow } from "@alfred/contracts";
import { checkAccount, checkModel, checkName } from "./checks.ts";
import { RuleFault } from "./rule-fault.ts";

/** All requests, in the unit in which shares are stated. */
const MILLION = 1_000_000;

/** @param own the experiment of the same rule @throws RuleFault */
export function checkShadow({ experiment, arm, model, sharePpm = MILLION, account }: RouteShadow, own: RouteExperiment | undefined): void {
  if (own === undefined) checkName(experiment, "shadow.experiment");
  else if (experiment !== "" && experiment !== own.name) throw new RuleFault("shadow.experiment", "not the rule's own", "Leave it out: the shadow is an arm of the rule's experiment.");
  checkName(arm, "shadow.arm");
  if (own?.arms.some(({ name }) => name === arm) === true) throw new RuleFault("shadow.arm", "an arm of the experiment already", "Give the shadow a name of its own.");
  checkModel(model, "shadow.model");
  if (!(sharePpm >= 1 && sharePpm <= MILLION)) throw new RuleFault("shadow.share_ppm", "not a share", `Use 1 to ${MILLION} of a million, or leave it out for all.`);
  if (account === "") throw new RuleFault("shadow.account", "nobody pays", "Name the account that pays for shadows, as an organisation, a team or a key.");
  checkAccount(account, "shadow.account");
}

/** Whether a request has a shadow. @param drawn from 0 to 1 */
export function hasShadow({ sharePpm = MILLION }: RouteShadow, drawn: number): boolean {
  return drawn * MILLION < sharePpm;
}
