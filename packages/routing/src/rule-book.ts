import type { RouteRule } from "@alfred/contracts";
import type { RequestFacts } from "./facts.ts";
import { RuleFault } from "./rule-fault.ts";
import { type CompiledRule, compileRule } from "./rule.ts";

/** A rule, and its place among all. */
interface Placed {
  readonly place: number;
  readonly rule: CompiledRule;
}

const NONE: readonly Placed[] = [];

/**
 * The rules of one revision, compiled once. Those that name their models exactly are only looked at for these; the others
 * for every request. The order in which rules came changes nothing.
 */
export class RuleBook {
  readonly #byModel: ReadonlyMap<string, readonly Placed[]>;
  readonly #others: readonly Placed[];
  /** Whether a rule may have copies of requests go elsewhere. */
  readonly hasShadows: boolean;

  /**
   * @param rules each id once; those that are not enabled are passed over
   * @param onFault hears of rules that cannot be used, as a newer directory may have, and are passed over
   */
  constructor(rules: Iterable<RouteRule> = [], onFault: (rule: RouteRule, fault: RuleFault) => void = () => undefined) {
    const byModel = new Map<string, Placed[]>();
    const others: Placed[] = [];
    let hasShadows = false;
    for (const [place, rule] of inOrder(rules, onFault).entries()) {
      hasShadows ||= rule.rule.shadow !== undefined;
      if (rule.models === undefined) others.push({ place, rule });
      for (const model of new Set(rule.models)) {
        const ofModel = byModel.get(model);
        if (ofModel === undefined) byModel.set(model, [{ place, rule }]);
        else ofModel.push({ place, rule });
      }
    }
    this.#byModel = byModel;
    this.#others = others;
    this.hasShadows = hasShadows;
  }

  /** Whether there is none, so that nothing need be known of a request. */
  get isEmpty(): boolean {
    return this.#byModel.size === 0 && this.#others.length === 0;
  }

  /** The models that rules name exactly. */
  get models(): Iterable<string> {
    return this.#byModel.keys();
  }

  /**
   * What the first rule says whose conditions hold and that has something to say.
   * @param say what a rule means for the request; undefined where it does not apply after all
   */
  first<Said>(facts: RequestFacts, say: (rule: CompiledRule) => Said | undefined): Said | undefined {
    const exact = this.#byModel.get(facts.model) ?? NONE;
    const others = this.#others;
    for (let left = 0, right = 0; left < exact.length || right < others.length; ) {
      const [one, other] = [exact[left], others[right]];
      const isExact = other === undefined || (one !== undefined && one.place < other.place);
      const rule = isExact ? one?.rule : other.rule;
      if (isExact) left += 1;
      else right += 1;
      const said = rule?.appliesTo(facts) === true ? say(rule) : undefined;
      if (said !== undefined) return said;
    }
    return undefined;
  }
}

function inOrder(rules: Iterable<RouteRule>, onFault: (rule: RouteRule, fault: RuleFault) => void): CompiledRule[] {
  const enabled = [...rules].filter((rule) => rule.enabled !== false);
  const sorted = enabled.toSorted((left, right) => left.priority - right.priority || compare(left.id, right.id));
  return sorted.flatMap((rule) => {
    try {
      return [compileRule(rule)];
    } catch (error) {
      if (!(error instanceof RuleFault)) throw error;
      onFault(rule, error);
      return [];
    }
  });
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
