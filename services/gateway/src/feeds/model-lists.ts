import { AccountKind, type Key, type Node, accountKindToJSON } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { type ModelList, ModelPatterns } from "../domain/allowed-models.ts";

/** Where nodes are heard of. */
interface NodeSource {
  onNode(listener: (node: Node) => void): () => void;
}

/** What binds a key, as long as no list of a node changes. */
interface Bound {
  readonly version: number;
  readonly lists: readonly ModelList[];
}

/**
 * The models that each node and key allows, as WatchKeys tells of them: a change of a node's list is one event, however
 * many keys are below it. Nodes are never removed, so what is known of them is kept over new snapshots.
 */
export class ModelLists {
  /** By the id of the node; undefined where it allows all. */
  readonly #nodes = new Map<string, ModelList | undefined>();
  readonly #bound = new WeakMap<Key, Bound>();
  #version = 0;

  constructor(source: NodeSource) {
    source.onNode((node) => this.#put(node));
  }

  /**
   * The lists that bind a key, its own first and its organisation's last. None for root's key and for peers.
   * @throws AlfredError UNAVAILABLE while a node above it is not known: it might not allow the model
   */
  of(key: Key | undefined): readonly ModelList[] {
    if (key === undefined) return [];
    const known = this.#bound.get(key);
    if (known?.version === this.#version) return known.lists;
    const lists = this.#read(key);
    this.#bound.set(key, { version: this.#version, lists });
    return lists;
  }

  #put({ id, kind, allowedModels }: Node): void {
    const list = listOf(id, kind, allowedModels);
    // Most nodes allow all when they come and later, so that nothing has to be read again for them.
    if (list !== undefined || this.#nodes.get(id) !== undefined) this.#version += 1;
    this.#nodes.set(id, list);
  }

  #read(key: Key): ModelList[] {
    const above = (key.path?.accounts ?? []).filter(({ id }) => id !== key.id).map(({ id }) => this.#ofNode(id));
    return [listOf(key.id, AccountKind.ACCOUNT_KIND_KEY, key.allowedModels), ...above].filter((list) => list !== undefined);
  }

  #ofNode(id: string): ModelList | undefined {
    if (!this.#nodes.has(id)) throw fail("UNAVAILABLE", "The gateway does not know yet which models this key may use.");
    return this.#nodes.get(id);
  }
}

function listOf(id: string, kind: AccountKind, models: readonly string[]): ModelList | undefined {
  if (models.length === 0) return undefined;
  return { id, kind: accountKindToJSON(kind).replace("ACCOUNT_KIND_", "").toLowerCase(), patterns: new ModelPatterns(models) };
}
