// expect: stack_limit
// then: usable

const make = () =>
  new Proxy(
    {},
    {
      ownKeys: () => ['a'],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
      get: (t, key) => (key === 'a' ? make() : undefined),
    },
  );
JSON.stringify(make());
