// The operations of `node:fs`, each as its Sync form. All of them are done at once, by the host.
(shared) => {
  'use strict';
  const {
    fsAccess, fsClose, fsCopyFile, fsList, fsMakeDirectory, fsOpen, fsRead, fsReadFile, fsRealPath,
    fsRemoveDirectory, fsRemoveFile, fsRename, fsResize, fsStatus, fsWrite, fsWriteFile,
  } = shared.host;
  const { coded, outcome, put, systemError, argumentValue } = shared.nodeErrors;
  const {
    isObject, append, checkPath, checkInteger, checkFd, checkFile, checkBoolean, checkView, checkData,
    flagsOf, modeOf, bitsOf, encodingOf, fileOptions, nameOptions, objectOptions, partOf, positionOf,
  } = shared.nodeArguments;
  const { Dirent, makeStats } = shared.nodeFiles;
  const { dirname, resolve } = shared.modules['node:path'].default;
  const { max, random, floor } = Math;
  const { Error } = globalThis;

  const ENOENT = -2;
  const EEXIST = -17;
  const ENOTDIR = -20;
  const ENOTEMPTY = -39;
  const secondStep = 1000;  // NodeFs::kSecondStep
  const directoryKind = 1;  // as FileKind numbers it
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const maxNames = 10000;

  function check(result, syscall, path, dest) {
    if (typeof result === 'number' && result < 0) throw systemError(result, syscall, path, dest);
    return result;
  }
  // Of two steps: the file is opened, if it was not open, and then something is done.
  function checkSteps(result, syscall, path) {
    if (typeof result !== 'number' || result >= 0) return result;
    if (result < -secondStep) throw systemError(result + secondStep, syscall);
    throw systemError(result, 'open', path);
  }

  function access(path, mode) {
    check(fsAccess(checkPath(path), bitsOf(mode)), 'access', path);
  }

  function exists(path) {
    return typeof path === 'string' && fsAccess(path, 0) === 0;
  }

  function readFile(path, options) {
    const { encoding, flags } = fileOptions(options, 'r');
    return checkSteps(fsReadFile(checkFile(path), flags, encoding), 'read', path);
  }

  function write(path, data, options, flag) {
    const { encoding, flags, mode } = fileOptions(options, flag);
    checkSteps(fsWriteFile(checkFile(path), checkData(data), encoding, flags, mode), 'write', path);
  }
  const writeFile = (path, data, options) => write(path, data, options, 'w');
  const appendFile = (path, data, options) => write(path, data, options, 'a');

  function status(path, options, follow, syscall) {
    const { throwIfNoEntry, bigint } = objectOptions(options);
    if (bigint) throw argumentValue('options.bigint', bigint, 'is not supported', 'property');
    const result = fsStatus(checkPath(path), follow);
    if (result === ENOENT && throwIfNoEntry === false) return undefined;
    return makeStats(check(result, syscall, path));
  }
  const stat = (path, options) => status(path, options, true, 'stat');
  const lstat = (path, options) => status(path, options, false, 'lstat');

  const isDirectory = (path) => {
    const result = fsStatus(path, true);
    return typeof result !== 'number' && result[0] === directoryKind;
  };

  const inDirectory = (directory, name) =>
    directory === '' || directory[directory.length - 1] === '/' ? directory + name : '' + directory + '/' + name;

  // One level after another. Links to directories are listed, not followed.
  function readdir(path, options) {
    const { withFileTypes, recursive } = nameOptions(options);
    checkPath(path);
    const found = [];
    const levels = [''];
    for (let i = 0; i < levels.length; i++) {
      const below = levels[i];
      const directory = below === '' ? path : inDirectory(path, below);
      const list = check(fsList(directory), 'scandir', directory);
      for (let j = 0; j < list.length; j += 2) {
        const name = inDirectory(below, list[j]);
        append(found, withFileTypes ? new Dirent(list[j], directory, list[j + 1]) : name);
        if (recursive && list[j + 1] === directoryKind) append(levels, name);
      }
    }
    return found;
  }

  // Gives the first directory that had to be made.
  function makeDirectories(path, mode) {
    const missing = [];
    let first;
    let at = path;
    for (;;) {
      const result = fsMakeDirectory(at, mode);
      if (result === 0) {
        first = at;
        break;
      }
      if (result === EEXIST) {
        if (!isDirectory(at)) throw systemError(missing.length === 0 ? EEXIST : ENOTDIR, 'mkdir', path);
        break;
      }
      const parent = dirname(at);
      if (result !== ENOENT || parent === at) throw systemError(result, 'mkdir', path);
      append(missing, at);
      at = parent;
    }
    for (let i = missing.length - 1; i >= 0; i--) {
      const result = fsMakeDirectory(missing[i], mode);
      if (result === EEXIST && isDirectory(missing[i])) continue;
      check(result, 'mkdir', path);
      if (first === undefined) first = missing[i];
    }
    return first;
  }

  function mkdir(path, options) {
    const given = isObject(options) ? options : { __proto__: null, mode: options };
    const { mode, recursive } = given;
    const bits = modeOf(mode, 0o777);
    const all = checkBoolean(recursive, 'options.recursive');
    checkPath(path);
    if (all) return makeDirectories(path, bits);
    check(fsMakeDirectory(path, bits), 'mkdir', path);
    return undefined;
  }

  function mkdtemp(prefix, options) {
    nameOptions(options);
    checkPath(prefix, 'prefix');
    for (let attempt = 0; attempt < maxNames; attempt++) {
      let path = prefix;
      for (let i = 0; i < 6; i++) path += letters[floor(random() * letters.length)];
      const result = fsMakeDirectory(path, 0o700);
      if (result === 0) return path;
      if (result !== EEXIST) throw systemError(result, 'mkdtemp', '' + prefix + 'XXXXXX');
    }
    throw systemError(EEXIST, 'mkdtemp', '' + prefix + 'XXXXXX');
  }

  function rmdir(path) {
    check(fsRemoveDirectory(checkPath(path)), 'rmdir', path);
  }

  function unlink(path) {
    check(fsRemoveFile(checkPath(path)), 'unlink', path);
  }

  // Directories are tried again when what is in them is gone: what others put there meanwhile goes, too.
  function removeTree(path) {
    const directories = [path];
    while (directories.length !== 0) {
      const directory = directories[directories.length - 1];
      const result = fsRemoveDirectory(directory);
      if (result === 0 || result === ENOENT) {
        directories.length -= 1;
        continue;
      }
      if (result !== ENOTEMPTY) throw systemError(result, 'rm', directory);
      const list = check(fsList(directory), 'rm', directory);
      if (list.length === 0) throw systemError(result, 'rm', directory);
      for (let i = 0; i < list.length; i += 2) {
        const child = inDirectory(directory, list[i]);
        if (list[i + 1] === directoryKind) {
          append(directories, child);
        } else {
          const removed = fsRemoveFile(child);
          if (removed !== ENOENT) check(removed, 'rm', child);
        }
      }
    }
  }

  function directoryError(path) {
    const error = coded(new Error('Path is a directory: rm returned EISDIR (is a directory) ' + path), 'ERR_FS_EISDIR');
    put(error, 'name', 'SystemError', false);
    put(error, 'info', { code: 'EISDIR', message: 'is a directory', path, syscall: 'rm', errno: 21 });
    put(error, 'errno', 21);
    put(error, 'syscall', 'rm');
    put(error, 'path', path);
    return outcome(error);
  }

  function rm(path, options) {
    const { force, recursive } = objectOptions(options);
    const ignores = checkBoolean(force, 'options.force');
    const all = checkBoolean(recursive, 'options.recursive');
    const found = fsStatus(checkPath(path), false);
    if (found === ENOENT && ignores) return;
    if (check(found, 'lstat', path)[0] !== directoryKind) {
      check(fsRemoveFile(path), 'rm', path);
    } else if (all) {
      removeTree(path);
    } else {
      throw directoryError(path);
    }
  }

  function rename(oldPath, newPath) {
    checkPath(oldPath, 'oldPath');
    checkPath(newPath, 'newPath');
    check(fsRename(oldPath, newPath), 'rename', oldPath, newPath);
  }

  function copyFile(src, dest, mode) {
    checkPath(src, 'src');
    checkPath(dest, 'dest');
    check(fsCopyFile(src, dest, bitsOf(mode)), 'copyfile', src, dest);
  }

  const lengthOf = (length) => length === undefined || length === null ? 0 : max(0, checkInteger(length, 'len'));

  function truncate(path, length) {
    const bytes = lengthOf(length);
    checkSteps(fsResize(checkPath(path), bytes), 'ftruncate', path);
  }

  function ftruncate(fd, length) {
    const bytes = lengthOf(length);
    checkSteps(fsResize(checkFd(fd), bytes), 'ftruncate');
  }

  function realpath(path, options) {
    nameOptions(options);
    const found = fsRealPath(checkPath(path));
    if (typeof found === 'number') throw systemError(found, 'lstat', resolve(path));
    return found;
  }

  function nativeRealpath(path, options) {
    nameOptions(options);
    return check(fsRealPath(checkPath(path)), 'realpath', path);
  }

  // Open files.

  const open = (path, flags, mode) =>
    check(fsOpen(checkPath(path), flagsOf(flags, 0), modeOf(mode, 0o666)), 'open', path);

  function close(fd) {
    check(fsClose(checkFd(fd)), 'close');
  }

  function fstat(fd, options) {
    const { bigint } = objectOptions(options);
    if (bigint) throw argumentValue('options.bigint', bigint, 'is not supported', 'property');
    return makeStats(check(fsStatus(checkFd(fd), true), 'fstat'));
  }

  // (fd, buffer, offset, length, position), or an object of the last three.
  function read(fd, buffer, offset, length, position) {
    checkFd(fd);
    checkView(buffer);
    if (isObject(offset)) ({ offset, length, position } = offset);
    const part = partOf(buffer, offset, length, position);
    if (part.length === 0) return 0;
    return check(fsRead(fd, buffer, part.offset, part.length, part.position), 'read');
  }

  // The same, or (fd, string, position, encoding).
  function writeTo(fd, data, offset, length, position) {
    checkFd(fd);
    checkData(data, 'buffer');
    if (typeof data === 'string') {
      const encoding = encodingOf(length);
      return check(fsWrite(fd, data, encoding, 0, 0, positionOf(offset)), 'write');
    }
    if (isObject(offset)) ({ offset, length, position } = offset);
    const part = partOf(data, offset, length, position);
    return check(fsWrite(fd, data, undefined, part.offset, part.length, part.position), 'write');
  }

  shared.fileOperations = {
    __proto__: null,
    access, appendFile, close, copyFile, exists, fstat, ftruncate, lstat, mkdir, mkdtemp, nativeRealpath, open, read,
    readFile, readdir, realpath, rename, rm, rmdir, stat, truncate, unlink, write: writeTo, writeFile,
  };
}
