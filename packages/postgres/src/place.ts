/** Where a service keeps its tables: a schema of its own that a role of its own owns. */
export interface DatabasePlace {
  /** "postgres://user:password@host:port/database"; the user must be a member of the role. */
  readonly url: string;
  /** The schema, as "wallet": small letters, digits and underscores. */
  readonly schema: string;
  /** The role that owns it, as "alfred_wallet": small letters, digits and underscores. */
  readonly role: string;
}

/** Names are put into statements and start-up options as they are, so nothing else is let through. */
export function checkPlace({ schema, role }: DatabasePlace): void {
  for (const name of [schema, role]) {
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a name for a schema or role`);
  }
}

/** The start-up options that put a connection into its place. */
export function placeOptions({ schema, role }: DatabasePlace): string {
  return `-c search_path=${schema} -c role=${role}`;
}
