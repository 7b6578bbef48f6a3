import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../repository.ts";

/** The only files of google-proto-files that the contract needs; the package as a whole does not build. */
const files = [
  "google/api/annotations.proto",
  "google/api/http.proto",
  "google/rpc/error_details.proto",
  "google/rpc/status.proto",
];

/** Copies Google's protos from npm into the ignored module `proto/third_party`, so that buf works offline. */
export async function copyThirdPartyProtos(): Promise<void> {
  for (const file of files) {
    const target = join(repositoryRoot, "proto", "third_party", file);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(repositoryRoot, "node_modules", "google-proto-files", file), target);
  }
}
