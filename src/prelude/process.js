// What a script is told of its surroundings.
() => {
  'use strict';
  globalThis.scriptArgs = [];
}
