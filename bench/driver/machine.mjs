// What the figures were measured on.

import { cpus, loadavg, release, totalmem } from 'node:os';

export async function machineFacts() {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory_bytes: totalmem(),
    kernel: release(),
    load: loadavg()[0],
  };
}
