// expect: time_limit|memory_limit|threw|stack_limit
// then: any

for (;;) Reflect.apply(() => 0, null, { length: 65000 });
