// expect: stack_limit|syntax
// then: usable

eval('try{'.repeat(50000) + '}finally{}'.repeat(50000));
