// expect: time_limit|memory_limit
// then: any

// Every job queues two.
const again = () => {
  Promise.resolve().then(again);
  Promise.resolve().then(again);
};
again();
'queued';
