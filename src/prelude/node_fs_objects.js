// What `node:fs` tells of files: Stats and Dirent.
(shared) => {
  'use strict';
  const { Date } = globalThis;
  const { ceil, round } = Math;
  const { put } = shared.nodeErrors;
  const { constants } = shared.nodeArguments;
  const { S_IFMT, S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK } = constants;
  const kinds = [S_IFREG, S_IFDIR, S_IFLNK, 0];  // as FileKind numbers them
  const blockBytes = 512;

  class Stats {
    isFile() { return (this.mode & S_IFMT) === S_IFREG; }
    isDirectory() { return (this.mode & S_IFMT) === S_IFDIR; }
    isSymbolicLink() { return (this.mode & S_IFMT) === S_IFLNK; }
    isFIFO() { return (this.mode & S_IFMT) === S_IFIFO; }
    isSocket() { return (this.mode & S_IFMT) === S_IFSOCK; }
    isCharacterDevice() { return (this.mode & S_IFMT) === S_IFCHR; }
    isBlockDevice() { return (this.mode & S_IFMT) === S_IFBLK; }
  }

  // Of the numbers that the host gives, see NodeFs::status.
  function makeStats(numbers) {
    const stats = new Stats();
    put(stats, 'dev', 0);
    put(stats, 'mode', kinds[numbers[0]] | numbers[1]);
    put(stats, 'nlink', numbers[4]);
    put(stats, 'uid', 0);
    put(stats, 'gid', 0);
    put(stats, 'rdev', 0);
    put(stats, 'blksize', 4096);
    put(stats, 'ino', numbers[3]);
    put(stats, 'size', numbers[2]);
    put(stats, 'blocks', ceil(numbers[2] / blockBytes));
    put(stats, 'atimeMs', numbers[5]);
    put(stats, 'mtimeMs', numbers[6]);
    put(stats, 'ctimeMs', numbers[7]);
    put(stats, 'birthtimeMs', numbers[8]);
    put(stats, 'atime', new Date(round(numbers[5])));
    put(stats, 'mtime', new Date(round(numbers[6])));
    put(stats, 'ctime', new Date(round(numbers[7])));
    put(stats, 'birthtime', new Date(round(numbers[8])));
    return stats;
  }

  class Dirent {
    #type;
    constructor(name, path, kind) {
      put(this, 'name', name);
      put(this, 'parentPath', path);
      put(this, 'path', path);
      this.#type = kinds[kind];
    }
    isFile() { return this.#type === S_IFREG; }
    isDirectory() { return this.#type === S_IFDIR; }
    isSymbolicLink() { return this.#type === S_IFLNK; }
    isFIFO() { return this.#type === S_IFIFO; }
    isSocket() { return this.#type === S_IFSOCK; }
    isCharacterDevice() { return this.#type === S_IFCHR; }
    isBlockDevice() { return this.#type === S_IFBLK; }
  }

  shared.nodeFiles = { __proto__: null, Stats, Dirent, makeStats };
}
