// acorn parses the text of its own distribution.
import { parse } from 'acorn';
import { countNodes } from './count_nodes.js';
import source from 'acorn/dist/acorn.js?text';

globalThis.run = () => {
  const tree = parse(source, { ecmaVersion: 'latest', sourceType: 'script' });
  return `${tree.body.length} statements, ${countNodes(tree)} nodes`;
};
