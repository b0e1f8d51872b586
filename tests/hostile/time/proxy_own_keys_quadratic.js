// expect: time_limit|memory_limit|ok
// then: any
// memory: 1GiB

// Each key is looked for among all the others.
const keys = Array.from({ length: 100000 }, (_, i) => 'k' + i);
Reflect.ownKeys(new Proxy({}, { ownKeys: () => keys })).length;
