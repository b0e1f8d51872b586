// One task for one peer on Node: node --expose-gc peer.mjs ADAPTER '{"task": "create", "samples": 100}'
// Prints one JSON object a line; the last one counts. See ../README.md for the protocol.

import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { requestsOnThisThread, tasks } from './tasks.mjs';

const load = async (name) => ({ name, ...(await import(`./adapters/${name}.mjs`)) });
const tell = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

async function answer(name, request) {
  const adapter = await load(name);
  const result = tasks[request.task](adapter, request);
  if (result[Symbol.asyncIterator]) {
    for await (const part of result) tell(part);
  } else {
    tell(await result);
  }
}

if (isMainThread) {
  try {
    await answer(process.argv[2], JSON.parse(process.argv[3]));
    process.exit(0);
  } catch (error) {
    tell({ failed: String(error?.stack ?? error) });
    process.exit(1);
  }
} else {
  parentPort.postMessage(await requestsOnThisThread(await load(workerData.name), workerData.request));
}
