// The console: what it prints is formatted and counted by the host.
(shared) => {
  'use strict';
  const { log, info, debug, warn, error, trace } = shared.host;
  globalThis.console = { log, info, debug, warn, error, trace };
}
