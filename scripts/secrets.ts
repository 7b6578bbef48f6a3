// `npm run --silent secrets`: the shared secrets of the data folder as NAME=value lines, for infra/.env and the like.
import { resolve } from "node:path";
import { loadSecrets } from "../services/all/src/secrets.ts";

const secrets = await loadSecrets(resolve(process.env["ALFRED_HOME"] || ".alfred"), process.env);
for (const [name, value] of Object.entries(secrets)) console.log(`${name}=${value}`);
