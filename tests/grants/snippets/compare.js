// Runs snippets and tells what each came to. The same text runs in Node and in sandglass; it is an expression that gives
// a function of an array of expressions, and comes to JSON of an array of texts.
(async (snippets) => {
  const show = (value, depth = 0) => {
    if (depth > 6) return '…';
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (Object.is(value, -0)) return '-0';
    if (typeof value === 'function') return `function ${value.name}/${value.length}`;
    if (typeof value !== 'object' || value === null) return String(value);
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    const inside = (list) => list.map((element) => show(element, depth + 1)).join(', ');
    if (Array.isArray(value)) return `[${inside(Array.from(value))}]`;
    if (value instanceof Error || value instanceof DOMException) return `${value.name}`;
    if (tag === 'Map') return `Map{${inside([...value])}}`;
    if (tag === 'Set') return `Set{${inside([...value])}}`;
    if (tag === 'Date') return `Date(${value.getTime()})`;
    if (tag === 'RegExp') return String(value);
    if (tag === 'ArrayBuffer') return `ArrayBuffer(${new Uint8Array(value)})`;
    if (ArrayBuffer.isView(value) && tag !== 'DataView') return `${tag}(${value})`;
    return `${tag}{${Reflect.ownKeys(value).map((key) => `${String(key)}: ${show(value[key], depth + 1)}`).join(', ')}}`;
  };
  const results = [];
  for (const snippet of snippets) {
    try {
      results.push(show(await (0, eval)(`(async () => (${snippet}))()`)));
    } catch (error) {
      results.push(`throws ${error instanceof Error ? error.name : show(error)}`);
    }
  }
  return JSON.stringify(results);
})
