// Text files of names: one a line, `#` starts a comment.

import fs from 'node:fs';

export function readList(path) {
  return fs.readFileSync(path, 'utf8').split('\n').map((line) => line.replace(/#.*/, '').trim()).filter(Boolean);
}
