// expect: ok
// then: usable

function* even(n) {
  return n === 0 ? true : odd(n - 1);
}
function* odd(n) {
  return n === 0 ? false : even(n - 1);
}
let step = even(100000);
while (typeof step === 'object') step = step.next().value;
step;
