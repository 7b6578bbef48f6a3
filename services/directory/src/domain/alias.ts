/** Aliases: other names for models. */
import type { ConfigSource } from "./provider.ts";
import { askedModel } from "./provider.ts";
import { invalid } from "./refusal.ts";

/** What an alias stands for. */
export interface AliasTerms {
  /** The name that clients ask for. */
  readonly alias: string;
  /** What is served instead. */
  readonly model: string;
}

/** Another name for a model. */
export interface Alias extends AliasTerms {
  readonly source: ConfigSource;
  readonly updateTime: Date;
}

/** An alias and the model that it stands for; both are names of models, and differ. */
export function aliasTerms(alias: string, model: string): AliasTerms {
  const terms = { alias: askedModel("alias", alias), model: askedModel("model", model) };
  if (alias !== model) return terms;
  throw invalid("model", "an alias cannot stand for itself", "Name the model to serve instead, or leave the alias out.");
}
