import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** A server program that this machine may have. */
export type ServerName = "postgres" | "redis" | "nats";

interface Program {
  /** File names that will do, best first. */
  readonly names: readonly string[];
  /** Folders beside PATH in which distributions hide it; `*` stands for a version, the highest wins. */
  readonly folders: readonly string[];
}

const programs: Record<ServerName, Program> = {
  // Debian keeps the server out of PATH, one folder per major version; Homebrew does the same under opt.
  postgres: {
    names: ["postgres"],
    folders: ["/usr/lib/postgresql/*/bin", "/usr/local/bin", "/opt/homebrew/opt/*/bin", "/usr/local/opt/*/bin"],
  },
  redis: { names: ["redis-server", "valkey-server"], folders: ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"] },
  nats: { names: ["nats-server"], folders: ["/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"] },
};

/** The path of a server's program, or undefined where this machine has none. */
export async function findServer(name: ServerName, path = process.env["PATH"] ?? ""): Promise<string | undefined> {
  const { names, folders } = programs[name];
  const hidden = await Promise.all(folders.map(expandVersions));
  for (const folder of [...path.split(delimiter).filter(Boolean), ...hidden.flat()]) {
    for (const file of names) {
      // Postgres is of use only with initdb beside it; client packages ship neither.
      const needed = name === "postgres" ? [file, "initdb"] : [file];
      if (await allExecutable(needed.map((each) => join(folder, each)))) return join(folder, file);
    }
  }
  return undefined;
}

async function expandVersions(pattern: string): Promise<readonly string[]> {
  const [parent, rest] = pattern.split("/*");
  if (parent === undefined || rest === undefined) return [pattern];
  const versions = await readdir(parent).catch(() => []);
  const newestFirst = versions.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
  return newestFirst.map((version) => join(parent, version, rest));
}

async function allExecutable(files: readonly string[]): Promise<boolean> {
  const checks = files.map((file) => access(file, constants.X_OK));
  return (await Promise.allSettled(checks)).every(({ status }) => status === "fulfilled");
}
