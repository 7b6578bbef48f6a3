/** What the file and the environment give: the configuration as it stands outside the database. */
import type { RouteRule } from "@alfred/contracts";
import type { AliasTerms } from "../domain/alias.ts";
import type { ConfigSource, DeploymentTerms, ProviderTerms } from "../domain/provider.ts";

/** A provider as it is given, with its secret in clear; empty where it needs none. */
export interface GivenProvider extends ProviderTerms {
  readonly secret: string;
}

/** A provider as the environment gives it. */
export interface Upstream extends GivenProvider {
  /** The variables that it comes from. */
  readonly variables: readonly string[];
  /** Whether it only stands in where no other provider is given, as the simulator does. */
  readonly isStandIn?: boolean;
}

/** Where something stands in the file, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A deployment as the file gives it. */
export interface GivenDeployment extends DeploymentTerms {
  /** Where its provider is named, to be told where there is no such provider. */
  readonly providerAt: Place;
}

/** A rule for routes as the file gives it. */
export interface GivenRule {
  readonly rule: RouteRule;
  /** Where it stands, to be told where who it names cannot pay. */
  readonly at: Place;
}

/** What the file gives. */
export interface FileContent {
  readonly providers: readonly GivenProvider[];
  readonly deployments: readonly GivenDeployment[];
  readonly aliases: readonly AliasTerms[];
  readonly rules: readonly GivenRule[];
}

/** Something that is given, and by whom. */
export interface Sourced<Terms> {
  readonly terms: Terms;
  readonly source: Exclude<ConfigSource, "api">;
  /** Who gives it, in words: the path of the file, or the names of variables. */
  readonly by: string;
}

/** What the environment and a content of the file give together. */
export class Given {
  readonly #upstreams: readonly Upstream[];
  readonly #path: string;
  readonly #file: FileContent | undefined;

  /** @param path of the file, empty where there is none */
  constructor(upstreams: readonly Upstream[], path: string, file?: FileContent) {
    this.#upstreams = upstreams;
    this.#path = path;
    this.#file = file;
  }

  /** The same with another content of the file. */
  with(file: FileContent): Given {
    return new Given(this.#upstreams, this.#path, file);
  }

  /** Whether nobody gives anything, as where a directory is started beside others that are told more. */
  get isEmpty(): boolean {
    return this.#upstreams.length === 0 && this.#file === undefined;
  }

  /** The providers that are given: the file's, and those of the environment that it does not replace. */
  get providers(): Sourced<GivenProvider>[] {
    const own = this.#upstreams.filter((upstream) => !this.#isReplaced(upstream));
    return [
      ...(this.#file?.providers ?? []).map((terms) => this.#fromFile(terms)),
      ...own.map((terms) => ({ terms, source: "environment" as const, by: terms.variables.join(", ") })),
    ];
  }

  get deployments(): Sourced<GivenDeployment>[] {
    return (this.#file?.deployments ?? []).map((terms) => this.#fromFile(terms));
  }

  get aliases(): Sourced<AliasTerms>[] {
    return (this.#file?.aliases ?? []).map((terms) => this.#fromFile(terms));
  }

  get rules(): Sourced<GivenRule>[] {
    return (this.#file?.rules ?? []).map((terms) => this.#fromFile(terms));
  }

  #fromFile<Terms>(terms: Terms): Sourced<Terms> {
    return { terms, source: "file", by: this.#path };
  }

  /** Whether the file says who serves the same models. */
  #isReplaced({ id, priceBook, isStandIn = false }: Upstream): boolean {
    const providers = this.#file?.providers ?? [];
    return (isStandIn && providers.length > 0) || providers.some((provider) => provider.id === id || provider.priceBook === priceBook);
  }
}

/** What is given now; replaced whenever a file is read that can be applied. */
export interface GivenNow {
  current: Given;
}
