// expect: stack_limit
// then: usable

// Each visit hangs one more level below the element that is visited next.
JSON.parse('[0,0]', function (key, value) {
  if (key === '0') this[1] = [0, 0];
  return value;
});
