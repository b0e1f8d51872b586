// expect: time_limit
// then: usable

(() => {
  'use strict';
  for (let i = 0; ; i++) globalThis.last = i;
})();
