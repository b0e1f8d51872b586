// What a script is told of its surroundings.
(shared) => {
  'use strict';
  const { exit } = shared.host;
  const { defineProperty, create } = Object;
  // Not `{}`: while an empty plain object lives, the engine never makes its table of shapes larger, and
  // a script that makes many shapes becomes as slow as the square of their number.
  const environmentPrototype = create(Object.prototype, { [Symbol('environment')]: { value: true } });
  globalThis.scriptArgs = [];
  const process = {
    argv: ['sandglass', 'script'],
    env: create(environmentPrototype),
    exitCode: undefined,
    exit(code) {
      exit(code === undefined ? this?.exitCode : code);
    },
    cwd: () => '/',
    platform: 'sandglass',
  };
  Object.defineProperty(process, Symbol.toStringTag, {
    __proto__: null, value: 'process', writable: false, enumerable: false, configurable: true,
  });
  globalThis.process = process;
  shared.process = process;
  shared.modules['node:process'] = {
    __proto__: null, default: process, argv: process.argv, get env() { return process.env; }, exit: process.exit,
    cwd: process.cwd, platform: process.platform,
  };
  // (arguments, environment as [name, value, ...], name of the script)
  const define = (object, key, value) =>
    defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  shared.functions.setProcess = (args, environment, script) => {
    const argv = process.argv;
    argv.length = 2;
    define(argv, 1, script);
    for (let i = 0; i < args.length; i++) define(argv, i + 2, args[i]);
    const env = create(environmentPrototype);
    for (let i = 0; i + 1 < environment.length; i += 2) define(env, environment[i], environment[i + 1]);
    define(process, 'env', env);
    define(globalThis, 'scriptArgs', args);
  };
}
