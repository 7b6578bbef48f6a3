import type { Sql } from "@alfred/postgres";

import type { Reader } from "../domain/ports.ts";
import { findAliases, listAliases } from "./aliases.ts";
import { findDeployments, listDeployments } from "./deployments.ts";
import { findKey, findKeys, listKeys } from "./keys.ts";
import { findNode, findNodes, listNodes, listOrganisations } from "./nodes.ts";
import { findProviders, listProviders } from "./providers.ts";
import { findRouteRules, listRouteRules } from "./route-rules.ts";

/** What is in the database, outside any write. */
export function createReader(sql: Sql): Reader {
  return {
    findNode: (id) => findNode(sql, id),
    findNodes: (ids) => findNodes(sql, ids),
    findKey: (id) => findKey(sql, id),
    findKeys: (ids) => findKeys(sql, ids),
    findProviders: (ids) => findProviders(sql, ids),
    findDeployments: (ids) => findDeployments(sql, ids),
    findAliases: (names) => findAliases(sql, names),
    listOrganisations: (tenant, after, most) => listOrganisations(sql, tenant, after, most),
    listNodes: (filter, after, most) => listNodes(sql, filter, after, most),
    listKeys: (filter, after, most) => listKeys(sql, filter, after, most),
    listProviders: (afterId, most) => listProviders(sql, afterId, most),
    listDeployments: (afterId, most) => listDeployments(sql, afterId, most),
    listAliases: (after, most) => listAliases(sql, after, most),
    findRouteRules: (ids) => findRouteRules(sql, ids),
    listRouteRules: (afterId, most) => listRouteRules(sql, afterId, most),
  };
}
