// Errors as Node has them, for what looks like Node.
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { defineProperty } = Object;
  const { Error, TypeError, RangeError, String, WeakSet } = globalThis;
  const { add, has } = WeakSet.prototype;
  const { slice, padStart } = String.prototype;
  const { toString: numberToString } = Number.prototype;
  const { charCodeAt } = String.prototype;

  // libuv's texts, by number.
  const systemErrors = {
    __proto__: null,
    1: ['EPERM', 'operation not permitted'],
    2: ['ENOENT', 'no such file or directory'],
    4: ['EINTR', 'interrupted system call'],
    5: ['EIO', 'i/o error'],
    6: ['ENXIO', 'no such device or address'],
    7: ['E2BIG', 'argument list too long'],
    9: ['EBADF', 'bad file descriptor'],
    11: ['EAGAIN', 'resource temporarily unavailable'],
    12: ['ENOMEM', 'not enough memory'],
    13: ['EACCES', 'permission denied'],
    16: ['EBUSY', 'resource busy or locked'],
    17: ['EEXIST', 'file already exists'],
    18: ['EXDEV', 'cross-device link not permitted'],
    19: ['ENODEV', 'no such device'],
    20: ['ENOTDIR', 'not a directory'],
    21: ['EISDIR', 'illegal operation on a directory'],
    22: ['EINVAL', 'invalid argument'],
    23: ['ENFILE', 'file table overflow'],
    24: ['EMFILE', 'too many open files'],
    26: ['ETXTBSY', 'text file is busy'],
    27: ['EFBIG', 'file too large'],
    28: ['ENOSPC', 'no space left on device'],
    29: ['ESPIPE', 'invalid seek'],
    30: ['EROFS', 'read-only file system'],
    31: ['EMLINK', 'too many links'],
    36: ['ENAMETOOLONG', 'name too long'],
    39: ['ENOTEMPTY', 'directory not empty'],
    40: ['ELOOP', 'too many symbolic links encountered'],
    75: ['EOVERFLOW', 'value too large for defined data type'],
    95: ['ENOTSUP', 'operation not supported on socket'],
    110: ['ETIMEDOUT', 'connection timed out'],
    116: ['ESTALE', 'stale file handle'],
  };

  // Defined, not assigned: a script may have put a setter on a prototype.
  const put = (object, name, value, enumerable = true) => defineProperty(
    object, name, { __proto__: null, value, writable: true, enumerable, configurable: true });

  function coded(error, code) {
    put(error, 'code', code);
    return error;
  }

  // Errors that are an outcome, which a callback gets, and not a misuse, which is thrown.
  const outcomes = new WeakSet();
  function outcome(error) {
    apply(add, outcomes, [error]);
    return error;
  }

  function systemError(errno, syscall, path, dest) {
    const known = systemErrors[-errno];
    const code = known === undefined ? 'Unknown system error ' + errno : known[0];
    let message = known === undefined ? '' + code + ': ' + code + ', ' + syscall : '' + code + ': ' + known[1] + ', ' + syscall;
    if (path !== undefined) message += " '" + path + "'";
    if (dest !== undefined) message += " -> '" + dest + "'";
    const error = new Error(message);
    put(error, 'errno', errno);
    put(error, 'code', code);
    put(error, 'syscall', syscall);
    if (path !== undefined) put(error, 'path', path);
    if (dest !== undefined) put(error, 'dest', dest);
    return outcome(error);
  }

  // As util.inspect shows a string of one line.
  function quote(text) {
    let quoted = '';
    for (let i = 0; i < text.length; i++) {
      const code = apply(charCodeAt, text, [i]);
      if (code === 10) quoted += '\\n';
      else if (code === 9) quoted += '\\t';
      else if (code === 13) quoted += '\\r';
      else if (code < 32 || code === 127) quoted += '\\x' + apply(padStart, apply(numberToString, code, [16]), [2, '0']);
      else if (code === 39 || code === 92) quoted += '\\' + text[i];
      else quoted += text[i];
    }
    return "'" + quoted + "'";
  }

  // Never runs code of the script: of an object it tells nothing.
  function describe(value) {
    if (value === undefined || value === null) return '' + value;
    switch (typeof value) {
      case 'function': return 'function';
      case 'object': return 'an object';
      case 'symbol': return 'type symbol';
      case 'string': {
        const shown = value.length > 28 ? '' + apply(slice, value, [0, 25]) + '...' : value;
        return 'type string (' + quote(shown) + ')';
      }
      default: return 'type ' + (typeof value) + ' (' + value + (typeof value === 'bigint' ? 'n' : '') + ')';
    }
  }

  function show(value) {
    if (typeof value === 'string') return quote(value.length > 128 ? '' + apply(slice, value, [0, 128]) + '...' : value);
    if (typeof value === 'symbol' || typeof value === 'function') return 'a ' + (typeof value);
    return typeof value === 'object' && value !== null ? 'an object' : '' + value + (typeof value === 'bigint' ? 'n' : '');
  }

  shared.nodeErrors = {
    __proto__: null,
    put,
    coded,
    outcome,
    isOutcome: (error) => typeof error === 'object' && error !== null && apply(has, outcomes, [error]),
    systemError,
    // `name`: "path" for an argument, "options.mode" for a property of one.
    argumentType: (name, expected, value, kind = 'argument') => coded(new TypeError(
      'The "' + name + '" ' + kind + ' must be ' + expected + '. Received ' + describe(value)), 'ERR_INVALID_ARG_TYPE'),
    argumentValue: (name, value, reason = 'is invalid', kind = 'argument') => coded(new TypeError(
      'The ' + kind + " '" + name + "' " + reason + '. Received ' + show(value)), 'ERR_INVALID_ARG_VALUE'),
    outOfRange: (name, range, value) => coded(new RangeError(
      'The value of "' + name + '" is out of range. It must be ' + range + '. Received ' + show(value)), 'ERR_OUT_OF_RANGE'),
  };
}
