import { readEnv } from "../../packages/config/src/index.ts";
import { socketTransport } from "../../packages/rpc/src/index.ts";
import { applyDemoBudget } from "../../services/all/src/demo.ts";
import { readDirectoryConfig } from "../../services/directory/src/index.ts";

/** Gives the demo organisation the budget that the services' environment names, at each start anew. */
export async function applyDemoBudgetOver(walletAddress: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { demo, serviceToken } = readEnv(env, readDirectoryConfig);
  await using wallet = socketTransport({ address: walletAddress });
  await applyDemoBudget({ wallet, serviceToken, demo });
}
