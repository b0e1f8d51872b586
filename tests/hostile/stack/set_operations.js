// expect: stack_limit
// then: usable

const other = { size: 1, has: () => new Set([1]).isSubsetOf(other), keys: () => [].values() };
new Set([1]).isSubsetOf(other);
