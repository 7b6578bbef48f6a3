import { cruise } from "dependency-cruiser";
import type { ICruiseResult } from "dependency-cruiser";
import { rules } from "./rules.ts";

/** An import that a rule forbids. */
export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** Every forbidden import below `root`, found by rules.ts. */
export async function violations(root: string): Promise<readonly Violation[]> {
  const { output } = await cruise(["packages", "services", "scripts"], {
    baseDir: root,
    ruleSet: { forbidden: rules },
    validate: true,
    doNotFollow: { path: "node_modules" },
    // Types make circles and cross borders too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  });
  return (output as ICruiseResult).summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}
