// expect: stack_limit
// then: usable

const o = {
  [Symbol.dispose]() {
    using again = o;
  },
};
{
  using first = o;
}
