// `node:path`, as POSIX has paths. The directory that relative paths begin in is always "/".
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { indexOf, lastIndexOf, slice, endsWith } = String.prototype;
  const { put, argumentType } = shared.nodeErrors;

  const find = (text, what, from) => apply(indexOf, text, [what, from]);
  const findLast = (text, what) => apply(lastIndexOf, text, [what]);
  const cut = (text, from, to) => apply(slice, text, [from, to]);
  const endsIn = (text, end) => apply(endsWith, text, [end]);

  function checkString(value, name) {
    if (typeof value !== 'string') throw argumentType(name, 'of type string', value);
  }

  // The segments of `path` without "." and what ".." takes away. A ".." that is left stays, unless
  // the path is absolute: the root is its own "..".
  function reduce(path, absolute) {
    let reduced = '';
    let removable = 0;
    for (let start = 0; start < path.length;) {
      const slash = find(path, '/', start);
      const end = slash === -1 ? path.length : slash;
      const segment = cut(path, start, end);
      start = end + 1;
      if (segment === '' || segment === '.') continue;
      if (segment === '..') {
        if (removable > 0) {
          const last = findLast(reduced, '/');
          reduced = last === -1 ? '' : cut(reduced, 0, last);
          removable--;
          continue;
        }
        if (absolute) continue;
      } else {
        removable++;
      }
      reduced = reduced === '' ? segment : '' + reduced + '/' + segment;
    }
    return reduced;
  }

  const isRooted = (path) => path.length > 0 && path[0] === '/';

  function withoutSlashes(path) {
    let end = path.length;
    while (end > 1 && path[end - 1] === '/') end--;
    return cut(path, 0, end);
  }

  // Where the extension of a file name begins: at its last dot, if that is not its first character.
  function extensionStart(name) {
    const dot = findLast(name, '.');
    return dot <= 0 || name === '..' ? name.length : dot;
  }

  function fileName(path) {
    const bare = withoutSlashes(path);
    return cut(bare, findLast(bare, '/') + 1);
  }

  function isAbsolute(path) {
    checkString(path, 'path');
    return isRooted(path);
  }

  function normalize(path) {
    checkString(path, 'path');
    if (path === '') return '.';
    const absolute = isRooted(path);
    let normal = reduce(path, absolute);
    if (normal === '' && !absolute) normal = '.';
    if (normal !== '' && endsIn(path, '/')) normal += '/';
    return absolute ? '/' + normal : normal;
  }

  function join(...parts) {
    let joined = '';
    for (let i = 0; i < parts.length; i++) {
      checkString(parts[i], 'path');
      if (parts[i] !== '') joined = joined === '' ? parts[i] : '' + joined + '/' + parts[i];
    }
    return joined === '' ? '.' : normalize(joined);
  }

  function resolve(...parts) {
    let resolved = '';
    for (let i = parts.length - 1; i >= 0 && !isRooted(resolved); i--) {
      checkString(parts[i], 'paths[' + i + ']');
      if (parts[i] !== '') resolved = '' + parts[i] + '/' + resolved;
    }
    return '/' + reduce(resolved, true);
  }

  function relative(from, to) {
    checkString(from, 'from');
    checkString(to, 'to');
    let rest = reduce(from, true);
    let target = reduce(to, true);
    while (rest !== '' && target !== '') {
      const restEnd = find(rest, '/', 0);
      const targetEnd = find(target, '/', 0);
      const same = cut(rest, 0, restEnd === -1 ? rest.length : restEnd) ===
        cut(target, 0, targetEnd === -1 ? target.length : targetEnd);
      if (!same) break;
      rest = restEnd === -1 ? '' : cut(rest, restEnd + 1);
      target = targetEnd === -1 ? '' : cut(target, targetEnd + 1);
    }
    let way = '';
    while (rest !== '') {
      way = way === '' ? '..' : '' + way + '/..';
      const slash = find(rest, '/', 0);
      rest = slash === -1 ? '' : cut(rest, slash + 1);
    }
    return way === '' || target === '' ? way + target : '' + way + '/' + target;
  }

  function dirname(path) {
    checkString(path, 'path');
    const bare = withoutSlashes(path);
    const slash = findLast(bare, '/');
    if (slash === -1) return '.';
    return slash === 0 ? '/' : slash === 1 && bare[0] === '/' ? '//' : cut(bare, 0, slash);
  }

  function basename(path, suffix) {
    if (suffix !== undefined) checkString(suffix, 'suffix');
    checkString(path, 'path');
    if (path === suffix) return '';
    const name = fileName(path);
    if (suffix === undefined || suffix === '' || name === suffix || !endsIn(name, suffix)) return name;
    return cut(name, 0, name.length - suffix.length);
  }

  function extname(path) {
    checkString(path, 'path');
    const name = fileName(path);
    return cut(name, extensionStart(name));
  }

  function parse(path) {
    checkString(path, 'path');
    const root = isRooted(path) ? '/' : '';
    const bare = withoutSlashes(path);
    const slash = findLast(bare, '/');
    const base = bare === '/' ? '' : cut(bare, slash + 1);
    const dir = slash > 0 ? cut(bare, 0, slash) : root;
    const ext = cut(base, extensionStart(base));
    return { root, dir, base, ext, name: cut(base, 0, base.length - ext.length) };
  }

  function format(pathObject) {
    if (pathObject === null || typeof pathObject !== 'object') {
      throw argumentType('pathObject', 'of type object', pathObject);
    }
    const { root, base, name, ext } = pathObject;
    const dir = pathObject.dir || root;
    const extension = ext ? (ext[0] === '.' ? ext : '.' + ext) : '';
    const last = base || '' + (name || '') + extension;
    if (!dir) return last;
    return dir === root ? '' + dir + last : '' + dir + '/' + last;
  }

  const toNamespacedPath = (path) => path;

  const posix = {
    resolve, normalize, isAbsolute, join, relative, toNamespacedPath, dirname, basename, extname, format, parse,
    sep: '/',
    delimiter: ':',
  };
  put(posix, 'posix', posix);
  shared.modules['node:path'] = { __proto__: null, default: posix, ...posix };
  shared.modules['node:path/posix'] = shared.modules['node:path'];
}
