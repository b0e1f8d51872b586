// expect: time_limit|stack_limit|syntax|ok
// then: any

// Each parenthesis scans ahead for an arrow: quadratic work before the stack ends it.
eval('(a,'.repeat(20000) + '1' + ')'.repeat(20000));
