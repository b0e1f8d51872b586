// expect: time_limit
// then: usable

// `break` in a finally block would swallow an ordinary error.
for (;;) {
  do {
    try {
      for (;;);
    } finally {
      break;
    }
  } while (false);
}
