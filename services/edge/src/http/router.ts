import type { ErrorBodyOf } from "./error-answer.ts";
import type { Exchange } from "./exchange.ts";

/** Answers one request. What it throws becomes the error answer. */
type Handler = (exchange: Exchange) => Promise<void>;

/**
 * A route: `{name}` in the path stands for one segment, `{name=**}` for the
 * rest of the path.
 */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly handle: Handler;
  /** How its errors are told; as OpenAI does where it is left out. */
  readonly errorBody?: ErrorBodyOf;
}

/** What a request asks for: a handler with its parameters, or what the path allows. */
export type Match =
  | (Pick<Route, "handle" | "path" | "errorBody"> & { readonly params: Readonly<Record<string, string>> })
  | { readonly allow: readonly string[] };

interface Pattern extends Route {
  readonly expression: RegExp;
  readonly names: readonly string[];
}

/** Finds the handler of a path: fixed paths at once, patterns in their order. */
export class Router {
  readonly #fixed = new Map<string, Route[]>();
  readonly #patterns: Pattern[] = [];

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      if (route.path.includes("{")) this.#patterns.push(compile(route));
      else this.#fixed.set(route.path, [...(this.#fixed.get(route.path) ?? []), route]);
    }
  }

  /** An empty `allow` means that there is no such path. */
  match(method: string, path: string): Match {
    const fixed = this.#fixed.get(path) ?? [];
    const exact = fixed.find((route) => route.method === method);
    if (exact !== undefined) return { ...exact, params: {} };
    const patterns = this.#patterns.filter(({ expression }) => expression.test(path));
    const pattern = patterns.find((route) => route.method === method);
    if (pattern === undefined) return { allow: [...new Set([...fixed, ...patterns].map((route) => route.method))] };
    return { ...pattern, params: parameters(pattern, path) };
  }
}

function compile(route: Route): Pattern {
  const names: string[] = [];
  const source = route.path.replace(/\{(\w+)(=\*\*)?\}|[^{}]+/g, (literal, name?: string, rest?: string) => {
    if (name === undefined) return RegExp.escape(literal);
    names.push(name);
    return rest === undefined ? "([^/:]+)" : "(.+)";
  });
  return { ...route, expression: new RegExp(`^${source}$`), names };
}

function parameters({ expression, names }: Pattern, path: string): Record<string, string> {
  const values = expression.exec(path)?.slice(1) ?? [];
  return Object.fromEntries(names.map((name, index) => [name, decode(values[index] ?? "")]));
}

/** A segment that is no valid percent-encoding stands for itself. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
