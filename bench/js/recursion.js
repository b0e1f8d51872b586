// Recursion: calls, returns and small-integer arithmetic (fib, ackermann, tak, hanoi, n-queens).
(() => {
  'use strict';

  function fib(n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
  }

  function ackermann(m, n) {
    if (m === 0) return n + 1;
    if (n === 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
  }

  function tak(x, y, z) {
    return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
  }

  function hanoi(disks, from, to, via) {
    if (disks === 0) return 0;
    return hanoi(disks - 1, from, via, to) + 1 + hanoi(disks - 1, via, to, from);
  }

  // Bit masks hold the attacked columns and diagonals.
  function queens(full, columns, left, right) {
    if (columns === full) return 1;
    let count = 0;
    let free = full & ~(columns | left | right);
    while (free !== 0) {
      const bit = free & -free;
      free ^= bit;
      count += queens(full, columns | bit, ((left | bit) << 1) & full, (right | bit) >> 1);
    }
    return count;
  }

  return [
    fib(29),
    ackermann(2, 120),
    tak(15, 10, 4),
    hanoi(18, 'a', 'b', 'c'),
    queens((1 << 9) - 1, 0, 0, 0),
  ].join(' ');
})();
