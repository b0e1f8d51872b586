// expect: time_limit|memory_limit
// then: any

const endless = { next: () => ({ done: false, value: 1 }), [Symbol.iterator]: () => endless };
const [...all] = endless;
