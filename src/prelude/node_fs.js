// `node:fs` and `node:fs/promises`: the operations in their three forms.
//
// Nothing is waited for: a callback is called from a job after the script, a promise is settled already.
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { defineProperty, keys } = Object;
  const { put, isOutcome, argumentType } = shared.nodeErrors;
  const { constants, checkSignal } = shared.nodeArguments;
  const { Stats, Dirent } = shared.nodeFiles;
  const operations = shared.fileOperations;

  const named = (name, made) =>
    defineProperty(made, 'name', { __proto__: null, value: name, configurable: true });

  async function later(callback, results) {
    await undefined;
    apply(callback, undefined, results);
  }

  const give = (result) => result === undefined ? [null] : [null, result];

  // What is wrong with the arguments is thrown at once; what became of the work, the callback is told.
  function withCallback(name, operation, results = give) {
    return named(name, (...given) => {
      const callback = given.length === 0 ? undefined : given[given.length - 1];
      if (typeof callback !== 'function') throw argumentType('cb', 'of type function', undefined);
      given.length -= 1;
      let told;
      try {
        told = results(apply(operation, undefined, given), given[1]);
      } catch (error) {
        if (!isOutcome(error)) throw error;
        told = [error];
      }
      later(callback, told);
    });
  }

  const withPromise = (name, operation) => named(name, async (...given) => apply(operation, undefined, given));

  // Reads, and writes, of whole files take a signal; `index` is that of their options.
  const withSignal = (operation, index) => (...given) => {
    checkSignal(given.length > index ? given[index] : undefined);
    return apply(operation, undefined, given);
  };

  const { exists, nativeRealpath, read, write, close, open, ...common } = operations;
  const { fstat, ftruncate, ...byPath } = common;
  const signalled = {
    __proto__: null,
    readFile: withSignal(byPath.readFile, 1),
    writeFile: withSignal(byPath.writeFile, 2),
    appendFile: withSignal(byPath.appendFile, 2),
  };

  class FileHandle {
    #fd;
    constructor(fd) { this.#fd = fd; }
    get fd() { return this.#fd; }
    async read(buffer, ...rest) {
      return { bytesRead: apply(read, undefined, [this.#fd, buffer, rest[0], rest[1], rest[2]]), buffer };
    }
    async write(buffer, ...rest) {
      return { bytesWritten: apply(write, undefined, [this.#fd, buffer, rest[0], rest[1], rest[2]]), buffer };
    }
    async readFile(options) { return signalled.readFile(this.#fd, options); }
    async writeFile(data, options) { return signalled.writeFile(this.#fd, data, options); }
    async appendFile(data, options) { return signalled.appendFile(this.#fd, data, options); }
    async stat(options) { return fstat(this.#fd, options); }
    async truncate(length) { return ftruncate(this.#fd, length); }
    async close() {
      const fd = this.#fd;
      this.#fd = -1;
      if (fd !== -1) close(fd);
    }
  }

  const promises = {};
  const fs = {};
  const names = keys(common);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const operation = common[name];
    const abortable = signalled[name] ?? operation;
    put(fs, '' + name + 'Sync', named('' + name + 'Sync', operation));
    put(fs, name, withCallback(name, abortable));
    if (byPath[name] !== undefined) put(promises, name, withPromise(name, abortable));
  }
  put(fs, 'existsSync', named('existsSync', exists));
  put(fs, 'exists', withCallback('exists', exists, (result) => [result]));
  put(fs, 'openSync', named('openSync', open));
  put(fs, 'open', withCallback('open', open));
  put(fs, 'closeSync', named('closeSync', close));
  put(fs, 'close', withCallback('close', close));
  put(fs, 'readSync', named('readSync', read));
  put(fs, 'read', withCallback('read', read, (count, buffer) => [null, count, buffer]));
  put(fs, 'writeSync', named('writeSync', write));
  put(fs, 'write', withCallback('write', write, (count, buffer) => [null, count, buffer]));
  put(fs.realpathSync, 'native', named('native', nativeRealpath));
  put(fs.realpath, 'native', withCallback('native', nativeRealpath));
  put(promises, 'realpath', withPromise('realpath', nativeRealpath));
  put(promises, 'open', named('open', async (path, flags, mode) => new FileHandle(open(path, flags, mode))));
  put(promises, 'constants', constants);
  put(fs, 'Stats', Stats);
  put(fs, 'Dirent', Dirent);
  put(fs, 'constants', constants);
  put(fs, 'F_OK', constants.F_OK);
  put(fs, 'R_OK', constants.R_OK);
  put(fs, 'W_OK', constants.W_OK);
  put(fs, 'X_OK', constants.X_OK);
  put(fs, 'promises', promises);
  shared.modules['node:fs'] = { __proto__: null, default: fs, ...fs };
  shared.modules['node:fs/promises'] = { __proto__: null, default: promises, ...promises };
}
