// expect: time_limit
// then: usable

for (;;) {
  try {
    throw new Error('again');
  } catch {}
}
