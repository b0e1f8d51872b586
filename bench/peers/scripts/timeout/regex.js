// Catastrophic backtracking in one call.
/^(a+)+$/.test('a'.repeat(60) + 'b');
