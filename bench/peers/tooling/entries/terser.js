// terser minifies the distribution of acorn.
import { minify_sync } from 'terser';
import source from 'acorn/dist/acorn.js?text';
import { hash } from './hash.js';

globalThis.run = () => hash(minify_sync(source, { compress: true, mangle: true }).code);
