// expect: time_limit|memory_limit
// then: any

// forEach visits what is added meanwhile.
const map = new Map([[0, 0]]);
let n = 0;
map.forEach((value, key) => {
  map.delete(key);
  map.set(++n, 0);
});
