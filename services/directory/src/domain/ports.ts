/** What the RPCs need of the database, said without it. */
import type { RouteRule } from "@alfred/contracts";

import type { Alias } from "./alias.ts";
import type { ApiKey } from "./key.ts";
import type { OrganisationTerms } from "./new-node.ts";
import type { Cursor } from "./page.ts";
import type { Deployment, SealedProvider } from "./provider.ts";
import type { NodeKind, Organisation, TreeNode } from "./tree.ts";

/** Which nodes to list; what is undefined does not filter. */
export interface NodeFilter {
  readonly organisationId: string;
  readonly parentId: string | undefined;
  readonly kind: NodeKind | undefined;
}

/** Which keys to list; without a parent all of the organisation. */
export interface KeyFilter {
  readonly organisationId: string;
  readonly parentId: string | undefined;
}

/** Finds single nodes and keys. */
export interface Finder {
  findNode(id: string): Promise<TreeNode | undefined>;
  findKey(id: string): Promise<ApiKey | undefined>;
}

/**
 * Reads what is there. Finding many ids leaves out what is unknown, in no order; lists are in order, at most `most`
 * long.
 */
export interface Reader extends Finder {
  findNodes(ids: readonly string[]): Promise<TreeNode[]>;
  findKeys(ids: readonly string[]): Promise<ApiKey[]>;
  findProviders(ids: readonly string[]): Promise<SealedProvider[]>;
  findDeployments(ids: readonly string[]): Promise<Deployment[]>;
  findAliases(names: readonly string[]): Promise<Alias[]>;
  /** All organisations by age, or only `tenant`. */
  listOrganisations(tenant: string | undefined, after: Cursor, most: number): Promise<Organisation[]>;
  listNodes(filter: NodeFilter, after: Cursor, most: number): Promise<TreeNode[]>;
  listKeys(filter: KeyFilter, after: Cursor, most: number): Promise<ApiKey[]>;
  listProviders(afterId: string, most: number): Promise<SealedProvider[]>;
  listDeployments(afterId: string, most: number): Promise<Deployment[]>;
  listAliases(after: string, most: number): Promise<Alias[]>;
  findRouteRules(ids: readonly string[]): Promise<RouteRule[]>;
  listRouteRules(afterId: string, most: number): Promise<RouteRule[]>;
}

/** A write under way; it holds the turn to write, so what it finds stays so. Each change is told of with it. */
export interface Transaction extends Finder {
  readonly now: Date;
  addOrganisation(organisation: Organisation, terms: OrganisationTerms): Promise<void>;
  addNode(node: TreeNode): Promise<void>;
  /** The node as it is then. */
  setNodeModels(node: TreeNode, allowedModels: readonly string[]): Promise<TreeNode>;
  addKey(key: ApiKey): Promise<void>;
  /** The key as it is then. */
  setKeyModels(key: ApiKey, allowedModels: readonly string[]): Promise<ApiKey>;
  /** The key as it is then; one that was revoked before stays as it was. */
  revokeKey(key: ApiKey): Promise<ApiKey>;
  findProvider(id: string): Promise<SealedProvider | undefined>;
  putProvider(sealed: SealedProvider): Promise<void>;
  /** Ends what a call has put: what the file or the environment gives under the id applies again, if they do. */
  releaseProvider(id: string): Promise<void>;
  putDeployment(deployment: Deployment): Promise<void>;
  releaseDeployment(id: string): Promise<void>;
  putAlias(alias: Alias): Promise<void>;
  releaseAlias(alias: string): Promise<void>;
  /** How many there are besides the one of this id. */
  countOtherRouteRules(id: string): Promise<number>;
  /** The rule as it is then. */
  putRouteRule(rule: RouteRule): Promise<RouteRule>;
  releaseRouteRule(id: string): Promise<void>;
}

/** How a message is turned into bytes and back, as ts-proto's message objects do. */
export interface Codec<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

/** What makes a mutation the same: who asked, which RPC, under which id. */
export interface RequestScope {
  readonly tenant: string;
  readonly rpc: string;
  readonly requestId: string;
}

/** A mutation that may have been answered before. */
export interface Mutation<Response> {
  readonly scope: RequestScope;
  readonly actor: string;
  /** The request's bytes, its id included. */
  readonly body: Uint8Array;
  readonly response: Codec<Response>;
  /** What a replay answers, where that differs: secrets are shown once. */
  readonly redact?: (response: Response) => Response;
}

/** Runs a mutation once. Errors: REQUEST_ID_REUSED for a known id with another body; whatever `work` throws. */
export type Write = <Response>(
  mutation: Mutation<Response>,
  work: (transaction: Transaction) => Promise<Response>,
) => Promise<Response>;

/** What a change is about. */
export type ChangeKind = "node" | "key" | "provider" | "deployment" | "alias" | "route_rule";

/** Which changes a watch follows. */
export type Topic = "keys" | "config";

/** The last change of one object. */
export interface Change {
  readonly revision: bigint;
  readonly kind: ChangeKind;
  readonly objectId: string;
  readonly removed: boolean;
}

/** What a watch is told, as watch.proto says; changes come some at a time. */
export type ChangeEvent =
  | { readonly kind: "snapshot" }
  | { readonly kind: "changes"; readonly changes: readonly Change[] }
  | { readonly kind: "synced"; readonly revision: bigint };

/** Follows a topic after a revision, for as long as the signal allows. */
type Follow = (topic: Topic, revision: bigint, signal: AbortSignal) => AsyncIterable<ChangeEvent>;

/** Seals secrets for an owner, opens what was sealed for it, and derives keys for other purposes. */
interface Secrets {
  seal(secret: string, owner: string): Uint8Array;
  open(sealed: Uint8Array, owner: string): string;
  derive(purpose: string): Buffer;
}

/** What the RPCs work with. */
export interface Directory {
  readonly reader: Reader;
  readonly write: Write;
  readonly follow: Follow;
  readonly secrets: Secrets;
}
