// FNV-1a of a string's code units, so that a result can be compared.
export function hash(text) {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return `${text.length} ${state >>> 0}`;
}
