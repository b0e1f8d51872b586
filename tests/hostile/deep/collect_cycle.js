// expect: ok
// then: usable

// A doubly linked list: only the cycle collector can free it.
let head = {};
let tail = head;
for (let i = 0; i < 200000; i++) {
  const next = { before: tail };
  tail.next = next;
  tail = next;
}
head = tail = null;
'freed';
