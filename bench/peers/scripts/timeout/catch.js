// Catches whatever ends it, and goes on.
for (;;) {
  try {
    for (;;);
  } catch {}
}
