/** Every write of the directory: one transaction, one turn, answered once per request id. */
import { hash } from "node:crypto";

import type { Mutation } from "../domain/ports.ts";
import { requestIdReused } from "../domain/refusal.ts";
import { lockRevision } from "./changes.ts";
import { findRequest, insertRequest } from "./requests.ts";
import type { StoredRequest } from "./requests.ts";
import type { Sql } from "@alfred/postgres";

/** The transaction that a write runs in, and who asked for it. */
export interface StoreTransaction {
  readonly sql: Sql;
  readonly now: Date;
  readonly actor: string;
  readonly requestId: string;
}

/** Runs work in a transaction, and commits unless it throws. */
export type Transact = <Result>(work: (sql: Sql) => Promise<Result>) => Promise<Result>;

/** The directory's writer. */
export class Mutations {
  readonly #transact: Transact;
  readonly #now: () => number;

  constructor(transact: Transact, now: () => number) {
    this.#transact = transact;
    this.#now = now;
  }

  /**
   * Runs a mutation that a call asks for, or answers as it was answered before. Failures are not kept: they changed
   * nothing.
   *
   * Errors: REQUEST_ID_REUSED for a known id with another body; whatever `work` throws.
   */
  run<Response>(
    mutation: Mutation<Response>,
    work: (transaction: StoreTransaction) => Promise<Response>,
  ): Promise<Response> {
    const { scope, actor, response: codec, redact } = mutation;
    const fingerprint = hash("sha256", mutation.body, "buffer");
    return this.#locked(actor, scope.requestId, async (transaction) => {
      const known = await findRequest(transaction.sql, scope);
      if (known !== undefined) return replay(known, fingerprint, mutation);
      const answer = await work(transaction);
      const kept = codec.encode(redact === undefined ? answer : redact(answer)).finish();
      await insertRequest(transaction.sql, scope, { fingerprint, response: kept }, transaction.now);
      return answer;
    });
  }

  /** Runs work that the start of the service, or its configuration file, asks for; it must be repeatable by itself. */
  seed<Result>(work: (transaction: StoreTransaction) => Promise<Result>, requestId: "start" | "file" = "start"): Promise<Result> {
    return this.#locked("service", requestId, work);
  }

  #locked<Result>(
    actor: string,
    requestId: string,
    work: (transaction: StoreTransaction) => Promise<Result>,
  ): Promise<Result> {
    return this.#transact(async (sql) => {
      await lockRevision(sql);
      return work({ sql, now: new Date(this.#now()), actor, requestId });
    });
  }
}

function replay<Response>(known: StoredRequest, fingerprint: Uint8Array, mutation: Mutation<Response>): Response {
  if (Buffer.compare(known.fingerprint, fingerprint) !== 0) throw requestIdReused(mutation.scope.requestId);
  return mutation.response.decode(known.response);
}
