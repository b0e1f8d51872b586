// expect: stack_limit|guest_fault
// then: any

// QuickJS-ng 0.17 calls built-in iterators without a stack check: only the guard below the stack ends this.
// 100,000 lazy stages; one step pulls through all of them.
let it = [1, 2, 3].values();
for (let i = 0; i < 100000; i++) it = it.map((x) => x);
it.next();
