// marked renders a document: its own readme and that of acorn, each twice.
import { marked } from 'marked';
import first from 'marked/README.md?text';
import second from 'acorn/README.md?text';
import { hash } from './hash.js';

const document = `${first}\n${second}\n`.repeat(2);
globalThis.run = () => hash(marked.parse(document, { async: false }));
