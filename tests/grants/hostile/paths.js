// Files by node:fs, with a folder mounted read-only and without.

//# node:fs without the grant
// throws: files
await import('node:fs')
//# node:fs/promises without the grant
// throws: files
await import('node:fs/promises')
//# node:fs without the grant, the error has no module in it
// gives: undefined
let found; try { found = await import('node:fs') } catch (e) { found = e.default } typeof found
//# a file outside by ..
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('../secret.txt', 'utf8')
//# a file outside by many ..
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('/' + '../'.repeat(500) + 'etc/passwd', 'utf8')
//# .. after a folder that is there
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('/folder/../../secret.txt', 'utf8')
//# .. after a link that leads out
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('/parent/../secret.txt', 'utf8')
//# a file by its real path
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('@HOST@/secret.txt', 'utf8')
//# a link that leads up
// with: files
// throws: EACCES
(await import('node:fs')).readFileSync('/up', 'utf8')
//# a link with an absolute target
// with: files
// throws: EACCES
(await import('node:fs')).readFileSync('/absolute', 'utf8')
//# a folder above by a link
// with: files
// throws: EACCES
(await import('node:fs')).readdirSync('/parent')
//# a file in a folder above by a link
// with: files
// throws: EACCES
(await import('node:fs')).readFileSync('/parent/secret.txt', 'utf8')
//# the environment by a link to /proc/self
// with: files
// throws: EACCES
(await import('node:fs')).readFileSync('/process/environ', 'utf8')
//# /proc/self/environ by name
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('/proc/self/environ', 'utf8')
//# /proc/self/fd by name
// with: files
// throws: ENOENT
(await import('node:fs')).readdirSync('/proc/self/fd')
//# /dev/random by name
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('/dev/random')
//# a FIFO does not hang
// with: files
// throws: EACCES
(await import('node:fs')).readFileSync('/pipe')
//# a circle of links ends
// with: files
// throws: ELOOP
(await import('node:fs')).readFileSync('/circle')
//# a NUL in a path
// with: files
// throws: null bytes
(await import('node:fs')).readFileSync('/public.txt\0/../../secret.txt')
//# percent-encoding is text
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('/%2e%2e/secret.txt')
//# backslashes are text
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('..\\..\\secret.txt')
//# a UNC path
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('\\\\localhost\\c$\\secret.txt')
//# a file: URL as text
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('file:///etc/passwd')
//# a URL object
// with: files
// throws: ERR_INVALID_ARG_TYPE
(await import('node:fs')).readFileSync(new URL('file:///etc/passwd'))
//# full-width dots
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('/\uFF0E\uFF0E/secret.txt')
//# a lone surrogate in a path
// with: files
// throws: ENOENT
(await import('node:fs')).readFileSync('/\uD800')
//# a path of a million characters
// with: files
// throws: ENAMETOOLONG
(await import('node:fs')).readFileSync('/' + 'a'.repeat(1e6))
//# a path of as many short names
// with: files
// throws: ENAMETOOLONG
(await import('node:fs')).readFileSync('/folder/..'.repeat(1e4) + '/a'.repeat(5e3))
//# a path that is a String object
// with: files
// throws: ERR_INVALID_ARG_TYPE
(await import('node:fs')).readFileSync(new String('/public.txt'))
//# a path that changes between two reads
// with: files
// throws: ERR_INVALID_ARG_TYPE
let n = 0; (await import('node:fs')).readFileSync({ toString: () => n++ ? '/../secret.txt' : '/public.txt' })
//# writing in a read-only folder
// with: files
// throws: EROFS
(await import('node:fs')).writeFileSync('/new', 'x')
//# writing over a file
// with: files
// throws: EROFS
(await import('node:fs')).writeFileSync('/public.txt', 'x')
//# appending
// with: files
// throws: EROFS
(await import('node:fs')).appendFileSync('/public.txt', 'x')
//# truncating
// with: files
// throws: EROFS
(await import('node:fs')).truncateSync('/public.txt', 0)
//# opening for reading with O_TRUNC
// with: files
// throws: EINVAL:
(await import('node:fs')).openSync('/public.txt', 0o1000)
//# opening with O_CREAT
// with: files
// throws: EROFS
(await import('node:fs')).openSync('/new', 0o101)
//# opening with both of the access bits
// with: files
// throws: EINVAL:
(await import('node:fs')).openSync('/public.txt', 3)
//# flags with every bit set
// with: files
// throws: EINVAL:
(await import('node:fs')).openSync('/public.txt', -1)
//# O_TMPFILE
// with: files
// throws: EINVAL:
(await import('node:fs')).openSync('/folder', 0o20200002, 0o600)
//# writing through a link that leads out
// with: files
// throws: EROFS:
(await import('node:fs')).writeFileSync('/dangling', 'x')
//# removing a file
// with: files
// throws: EROFS
(await import('node:fs')).unlinkSync('/public.txt')
//# removing a link
// with: files
// throws: EROFS
(await import('node:fs')).unlinkSync('/up')
//# removing the tree
// with: files
// throws: EROFS
(await import('node:fs')).rmSync('/folder', { recursive: true, force: true })
//# removing the root
// with: files
// throws: EBUSY:
(await import('node:fs')).rmSync('/', { recursive: true, force: true })
//# making a folder
// with: files
// throws: EROFS
(await import('node:fs')).mkdirSync('/made/deep', { recursive: true })
//# making a temporary folder outside
// with: files
// throws: ENOENT:
(await import('node:fs')).mkdtempSync('@HOST@/writable/x')
//# renaming
// with: files
// throws: EROFS
(await import('node:fs')).renameSync('/public.txt', '/stolen.txt')
//# copying out
// with: files
// throws: EROFS:
(await import('node:fs')).copyFileSync('/public.txt', '../writable/copy')
//# copying in by a link
// with: files
// throws: EACCES:
(await import('node:fs')).copyFileSync('/up', '/copy')
//# writing to a descriptor opened for reading
// with: files
// throws: EBADF
const { default: fs } = await import('node:fs'); fs.writeSync(fs.openSync('/public.txt'), 'x')
//# descriptors of the process
// with: files
// gives: EBADF
const { default: fs } = await import('node:fs');
const seen = new Set();
for (let fd = 0; fd < 300; fd++) {
  try { fs.fstatSync(fd); seen.add(fd); } catch (e) { seen.add(e.code); }
  try { fs.readFileSync(fd); seen.add(fd); } catch (e) { seen.add(e.code); }
}
[...seen].join()
//# standard output by its descriptor
// with: files
// throws: EBADF
(await import('node:fs')).writeSync(1, 'x')
//# a descriptor that is no integer
// with: files
// throws: ERR_OUT_OF_RANGE
(await import('node:fs')).fstatSync(0.5)
//# a descriptor beyond 32 bits
// with: files
// throws: ERR_OUT_OF_RANGE
(await import('node:fs')).readSync(2 ** 32 + 3, new Uint8Array(4))
//# the device and the owner of a file
// with: files
// gives: 0 0 0
const s = (await import('node:fs')).statSync('/public.txt'); [s.dev, s.uid, s.gid].join(' ')
//# files as a clock
// with: files
// gives: 1
const { default: fs } = await import('node:fs');
const times = new Set();
for (let i = 0; i < 100; i++) { fs.readFileSync('/public.txt'); const s = fs.statSync('/public.txt'); for (const n of ['atimeMs', 'mtimeMs', 'ctimeMs', 'birthtimeMs']) times.add(s[n]); }
times.size
//# where the mounted folder lies
// with: files
// gives: / /public.txt
const { default: fs } = await import('node:fs'); fs.realpathSync('.') + ' ' + fs.realpathSync('folder/../public.txt')
//# where a link leads
// with: files
// throws: EACCES
(await import('node:fs')).realpathSync('/absolute')
//# whether a file outside is there
// with: files
// gives: false false
const { default: fs } = await import('node:fs'); fs.existsSync('/etc/passwd') + ' ' + fs.existsSync('/absolute')
//# no function makes links or changes modes
// with: files
// gives: 
const { default: fs } = await import('node:fs');
['link', 'symlink', 'chmod', 'chown', 'lchown', 'utimes', 'watch', 'watchFile', 'readlink', 'fchmod', 'statfs', 'createReadStream', 'createWriteStream', 'opendir', 'cp', 'glob'].filter((n) => n in fs || n + 'Sync' in fs).join()
//# what is in the parent of the root
// with: files
// gives: true
const { default: fs } = await import('node:fs'); fs.readdirSync('/../..').join() === fs.readdirSync('/').join()
//# more open files than the quota
// with: files
// throws: EMFILE
const { default: fs } = await import('node:fs'); for (let i = 0; i < 1000; i++) fs.openSync('/public.txt')
//# a buffer that is detached while the position is asked for
// with: files
// throws: ERR_INVALID_ARG_TYPE
const { default: fs } = await import('node:fs'); const b = new Uint8Array(64); const fd = fs.openSync('/public.txt');
fs.readSync(fd, b, 0, 6, { valueOf() { b.buffer.transfer(); return 0; } })
//# a buffer that a getter of the options detaches
// with: files
// throws: ERR_OUT_OF_RANGE
const { default: fs } = await import('node:fs'); const b = new Uint8Array(64); const fd = fs.openSync('/public.txt');
fs.readSync(fd, b, { get position() { b.buffer.transfer(); return 0; }, offset: 8, length: 6 })
//# a buffer that a getter of the options shrinks
// with: files
// throws: ERR_OUT_OF_RANGE
const { default: fs } = await import('node:fs'); const raw = new ArrayBuffer(64, { maxByteLength: 64 }); const b = new Uint8Array(raw);
fs.readSync(fs.openSync('/public.txt'), b, { get length() { raw.resize(4); return 64; } })
//# a getter that says another flag the second time
// with: files
// gives: public 1
let n = 0; const text = (await import('node:fs')).readFileSync('/public.txt', { encoding: 'utf8', get flag() { return n++ ? 'w' : 'r'; } }); text + ' ' + n
//# options that are a Proxy
// with: files
// gives: public encoding,flag,mode
const keys = []; const text = (await import('node:fs')).readFileSync('/public.txt', new Proxy({}, { get(t, k) { keys.push(k); return k === 'encoding' ? 'utf8' : undefined; } })); text + ' ' + keys
//# options from Object.prototype cannot make a read a write
// with: files
// throws: EROFS
Object.prototype.flag = 'w'; (await import('node:fs')).readFileSync('/public.txt', {})
//# a callback that calls back
// with: files
// gives: 100
const { default: fs } = await import('node:fs'); let n = 0;
await new Promise((done) => { const again = () => fs.readFile('/up', (e) => { if (++n === 100) done(); else again(); }); again(); }); n
