import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startPostgres } from "./postgres.ts";

test("a Postgres that misses a library is told of in one sentence that names it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "alfred postgres "));
  try {
    const program = join(folder, "postgres");
    // What the loader of Linux prints, and its exit code.
    await writeFile(program, `#!/bin/sh\necho "$0: error while loading shared libraries: libicuuc.so.60: cannot open" >&2\nexit 127\n`);
    await chmod(program, 0o755);
    await expect(startPostgres({ program, folder, lasting: true })).rejects.toThrow(
      "Postgres cannot run here (error while loading shared libraries: libicuuc.so.60: cannot open); install what it misses",
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
