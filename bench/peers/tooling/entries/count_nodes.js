// The number of nodes in a syntax tree.
export function countNodes(value) {
  if (Array.isArray(value)) return value.reduce((sum, one) => sum + countNodes(one), 0);
  if (value === null || typeof value !== 'object') return 0;
  return Object.values(value).reduce((sum, one) => sum + countNodes(one), typeof value.type === 'string' ? 1 : 0);
}
