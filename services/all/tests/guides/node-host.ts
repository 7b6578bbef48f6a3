// Runs programs of guides for Node, a module each: reads a line of JSON for each from standard input.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

for await (const line of createInterface(process.stdin)) {
  const { file, folder, environment } = JSON.parse(line) as { file: string; folder: string; environment: NodeJS.ProcessEnv };
  process.env = environment;
  process.chdir(folder);
  const status = await import(pathToFileURL(file).href).then(() => 0, (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  });
  process.stdout.write(`\u001E${status}\u001E`);
}
