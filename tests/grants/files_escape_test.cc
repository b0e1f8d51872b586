// Attempts to reach, through `node:fs`, what lies outside of a mount: each is refused, and the tree
// outside is afterwards what it was before.
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <map>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include "../support.h"

namespace sandglass::test {
namespace {

namespace filesystem = std::filesystem;

// A script, and the codes of errors of which it must come to one. It finds `fs`, `secret` (a path
// of the host's that is not in the mount) and `outside` (the folder of that).
struct Attempt {
  std::string_view script;
  std::string_view codes;
};

// What is there: root/, which is mounted, and outside/, which nobody may read or change. In root/
// lie links that lead out in every way, and what is no file.
constexpr Attempt kAttempts[] = {
    // By the text of the path.
    {"fs.readFileSync('/../outside/secret')", "ENOENT"},
    {"fs.readFileSync('../../outside/secret')", "ENOENT"},
    {"fs.readFileSync('/dir/../../outside/secret')", "ENOENT"},
    {"fs.readFileSync('/dir/./../../../../../../../../../../etc/passwd')", "ENOENT"},
    {"fs.readFileSync(secret)", "ENOENT"},
    {"fs.readFileSync('//etc/passwd')", "ENOENT"},
    {"fs.readFileSync('/etc/passwd')", "ENOENT"},
    {"fs.readFileSync('file:///etc/passwd')", "ENOENT"},
    {"fs.readFileSync('%2e%2e/outside/secret')", "ENOENT"},
    {"fs.readFileSync('..%2foutside%2fsecret')", "ENOENT"},
    {"fs.readFileSync('..\\\\outside\\\\secret')", "ENOENT"},
    {"fs.readFileSync('\\uff0e\\uff0e/outside/secret')", "ENOENT"},
    {"fs.readFileSync('\\u2024\\u2024/outside/secret')", "ENOENT"},
    {"fs.readFileSync('..\\u2215outside\\u2215secret')", "ENOENT"},
    {"fs.readFileSync('/.. /outside/secret')", "ENOENT"},
    {"fs.readFileSync('/.../outside/secret')", "ENOENT"},
    {"fs.readFileSync('/dir\\0/../../outside/secret')", "ERR_INVALID_ARG_VALUE"},
    {"fs.readFileSync('/inside\\0.txt')", "ERR_INVALID_ARG_VALUE"},
    {"fs.writeFileSync('/new\\0', 'x')", "ERR_INVALID_ARG_VALUE"},
    {"fs.readFileSync('/INSIDE')", "ENOENT"},
    {"fs.readFileSync('\\ud800/../../outside/secret')", "ENOENT"},
    {"fs.readFileSync('/' + 'x'.repeat(256))", "ENAMETOOLONG"},
    {"fs.readFileSync('/dir/'.repeat(2000) + '../'.repeat(4000) + 'outside/secret')",
     "ENAMETOOLONG,ENOENT"},
    {"fs.readFileSync('/' + 'x'.repeat(10_000_000))", "ENAMETOOLONG"},
    {"fs.readFileSync('../'.repeat(20_000) + 'outside/secret')", "ENOENT"},
    {"fs.mkdirSync('/a'.repeat(3000), { recursive: true })", "ENAMETOOLONG"},
    {"fs.readFileSync('/proc/self/environ')", "ENOENT"},
    {"fs.readFileSync('/proc/self/root/etc/passwd')", "ENOENT"},
    {"fs.readFileSync('/dev/zero')", "ENOENT"},
    {"fs.readFileSync('')", "ENOENT"},
    // By links, to read.
    {"fs.readFileSync('/absolute')", "EACCES,ELOOP"},
    {"fs.readFileSync('/relative')", "EACCES,ELOOP"},
    {"fs.readFileSync('/crooked')", "EACCES,ELOOP"},
    {"fs.readFileSync('/chain')", "EACCES,ELOOP"},
    {"fs.readFileSync('/loop')", "ELOOP"},
    {"fs.readFileSync('/out/secret')", "EACCES,ELOOP"},
    {"fs.readFileSync('/absolute-out/secret')", "EACCES,ELOOP"},
    {"fs.readFileSync('/back/root/inside')", "EACCES,ELOOP"},
    {"fs.readFileSync('/process/root/etc/passwd')", "EACCES,ELOOP"},
    {"fs.readFileSync('/fds/0')", "EACCES,ELOOP"},
    {"fs.readdirSync('/out')", "EACCES,ELOOP,ENOTDIR"},
    {"fs.readdirSync('/fds')", "EACCES,ELOOP,ENOTDIR"},
    {"fs.statSync('/relative')", "EACCES,ELOOP"},
    {"fs.statSync('/out/')", "EACCES,ELOOP"},
    {"fs.lstatSync('/out/secret')", "EACCES,ELOOP"},
    {"fs.accessSync('/relative')", "EACCES,ELOOP"},
    {"fs.realpathSync('/relative')", "EACCES,ELOOP"},
    {"fs.realpathSync('/absolute')", "EACCES,ELOOP"},
    {"fs.realpathSync('/loop')", "ELOOP"},
    {"fs.openSync('/relative')", "EACCES,ELOOP"},
    {"fs.openSync('/out', fs.constants.O_DIRECTORY)", "EACCES,ELOOP"},
    {"fs.copyFileSync('/relative', '/stolen')", "EACCES,ELOOP"},
    // By links, to change.
    {"fs.writeFileSync('/relative', 'changed')", "EACCES,ELOOP"},
    {"fs.writeFileSync('/absolute', 'changed')", "EACCES,ELOOP"},
    {"fs.writeFileSync('/out/new', 'new')", "EACCES,ELOOP"},
    {"fs.writeFileSync('/dangling', 'new')", "EACCES,ELOOP"},
    {"fs.writeFileSync('/dangling', 'new', { flag: 'wx' })", "EEXIST"},
    {"fs.appendFileSync('/relative', 'more')", "EACCES,ELOOP"},
    {"fs.openSync('/dangling', 'a+')", "EACCES,ELOOP"},
    {"fs.truncateSync('/relative')", "EACCES,ELOOP"},
    {"fs.copyFileSync('/inside', '/relative')", "EACCES,ELOOP"},
    {"fs.copyFileSync('/inside', '/out/new')", "EACCES,ELOOP"},
    {"fs.copyFileSync('/inside', '/dangling')", "EACCES,ELOOP"},
    {"fs.mkdirSync('/out/new')", "EACCES,ELOOP,ENOTDIR"},
    {"fs.mkdirSync('/out/new/deep', { recursive: true })", "EACCES,ELOOP,ENOTDIR"},
    {"fs.mkdirSync('/dangling')", "EEXIST"},
    {"fs.mkdtempSync('/out/t-')", "EACCES,ELOOP,ENOTDIR"},
    {"fs.unlinkSync('/out/secret')", "EACCES,ELOOP,ENOTDIR"},
    {"fs.rmdirSync('/out/empty')", "EACCES,ELOOP,ENOTDIR"},
    {"fs.rmdirSync('/out')", "ENOTDIR"},
    {"fs.rmSync('/out/', { recursive: true })", "EACCES,ELOOP,ENOTDIR"},
    {"fs.rmSync('/out/secret', { force: true })", "EACCES,ELOOP,ENOTDIR"},
    {"fs.renameSync('/inside', '/out/stolen')", "EACCES,ELOOP,ENOTDIR"},
    {"fs.renameSync('/out/secret', '/stolen')", "EACCES,ELOOP,ENOTDIR"},
    {"fs.renameSync('/dir', '/out/dir')", "EACCES,ELOOP,ENOTDIR"},
    {"fs.renameSync('/', '/dir/root')", "EBUSY"},
    {"fs.rmSync('/', { recursive: true })", "EBUSY"},
    {"fs.rmdirSync('/..')", "EBUSY"},
    // What is no file.
    {"fs.readFileSync('/fifo')", "EACCES"},
    {"fs.writeFileSync('/fifo', 'x')", "EACCES"},
    {"fs.appendFileSync('/fifo', 'x')", "EACCES"},
    {"fs.openSync('/fifo', 'r+')", "EACCES"},
    {"fs.copyFileSync('/fifo', '/copy')", "EACCES"},
    {"fs.truncateSync('/fifo')", "EACCES"},
    {"fs.readFileSync('/socket')", "EACCES"},
    {"fs.writeFileSync('/socket', 'x')", "EACCES"},
    {"fs.readFileSync('/to-device')", "EACCES,ELOOP"},
    {"fs.writeFileSync('/to-device', 'x')", "EACCES,ELOOP"},
    // What is not offered.
    {"fs.symlinkSync(secret, '/link')", "undefined"},
    {"fs.linkSync(secret, '/link')", "undefined"},
    {"fs.readlinkSync('/absolute')", "undefined"},
    {"fs.chmodSync('/inside', 0o777)", "undefined"},
    {"process.binding('fs')", "undefined"},
    // By what stands for a path or an option.
    {"fs.readFileSync({ toString: () => secret })", "ERR_INVALID_ARG_TYPE"},
    {"fs.readFileSync(new String(secret))", "ERR_INVALID_ARG_TYPE"},
    {"fs.readFileSync([secret])", "ERR_INVALID_ARG_TYPE"},
    {"fs.readFileSync(new Proxy({}, { get: () => () => secret }))", "ERR_INVALID_ARG_TYPE"},
    {"fs.readFileSync(Symbol('x'))", "ERR_INVALID_ARG_TYPE"},
    {"fs.readFileSync(0)", "EBADF"},
    {"fs.readFileSync(2)", "EBADF"},
    {"fs.writeSync(1, 'x')", "EBADF"},
    {"fs.readSync(3.5, new Uint8Array(1))", "ERR_OUT_OF_RANGE"},
    {"fs.closeSync(2)", "EBADF"},
    {"fs.writeFileSync('/new', new Proxy(new Uint8Array(4), {}))", "ERR_INVALID_ARG_TYPE"},
    {"fs.writeFileSync('/new', { buffer: new ArrayBuffer(8), byteLength: 1e9 })",
     "ERR_INVALID_ARG_TYPE"},
    {"fs.openSync('/inside', 0o20000000)", "EINVAL"},
    {"fs.openSync('/dir', 0o20200002)", "EINVAL"},
    {"fs.openSync('/inside', 3)", "EINVAL"},
    {"fs.truncateSync('/inside', 2 ** 60)", "EINVAL,EFBIG"},
    {"fs.truncateSync('/inside', 2 ** 53 - 1)", "EFBIG"},
    {"{ const fd = fs.openSync('/inside', 'r+'); try { fs.writeSync(fd, 'x', 2 ** 53 - 1); } "
     "finally { fs.closeSync(fd); } }",
     "EFBIG"},
    {"import('file:///etc/passwd')", "ERR_MODULE_NOT_FOUND"},
    {"import('/out/module.js')", "undefined,ERR_MODULE_NOT_FOUND"},
    {"import('../outside/module.js')", "undefined,ERR_MODULE_NOT_FOUND"},
};

using Tree = std::map<std::string, std::string>;

/// Every name beneath `root` with its kind, mode, time of change and contents.
Tree tree_of(const filesystem::path& root) {
  Tree tree;
  for (const auto& entry : filesystem::recursive_directory_iterator(root)) {
    struct stat status{};
    if (::lstat(entry.path().c_str(), &status) != 0) std::abort();
    std::string facts = fmt::format("{:o} {} {}.{}", status.st_mode, status.st_size,
                                    status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
    if (S_ISREG(status.st_mode)) facts += read_file(entry.path());
    tree[entry.path()] = facts;
  }
  return tree;
}

class FilesEscape : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sandglass-escape-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    filesystem::create_directories(root() / "dir");
    filesystem::create_directories(outside() / "empty");
    write(root() / "inside", "inside");
    write(root() / "dir" / "secret", "inside");
    write(outside() / "secret", "top secret");
    write(outside() / "module.js", "export default 'top secret';");
    link(outside() / "secret", "absolute");
    link("../outside/secret", "relative");
    link("dir/../../outside/secret", "crooked");
    link("relative", "chain");
    link("loop", "loop");
    link("../outside", "out");
    link(outside(), "absolute-out");
    link("..", "back");
    link("../outside/new", "dangling");
    link("/proc/self", "process");
    link("/proc/self/fd", "fds");
    link("/dev/zero", "to-device");
    ASSERT_EQ(::mkfifo((root() / "fifo").c_str(), 0666), 0);
    make_socket();
  }
  void TearDown() override { filesystem::remove_all(folder_); }

  [[nodiscard]] filesystem::path root() const { return folder_ / "root"; }
  [[nodiscard]] filesystem::path outside() const { return folder_ / "outside"; }

  static void write(const filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  void link(const filesystem::path& target, std::string_view name) const {
    filesystem::create_symlink(target, root() / name);
  }

  void make_socket() const {
    const int made = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = root() / "socket";
    ASSERT_LT(path.size(), sizeof address.sun_path);
    path.copy(static_cast<char*>(address.sun_path), path.size());
    ASSERT_EQ(::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(made);
  }

  [[nodiscard]] Runtime make(MountOptions options = {.writable = true}) const {
    Options vm;
    vm.limits = roomy();
    vm.grants.files = DirectoryMount::open(root(), options).value();
    vm.modules = FileModules::create(vm.grants.files).value();
    return make_runtime(std::move(vm));
  }

  /// What the script comes to: the code of an error, or "came to ...".
  [[nodiscard]] std::string try_it(Runtime& runtime, std::string_view script) const {
    const std::string source = fmt::format(
        "await (async () => {{ const {{ default: fs }} = await import('node:fs'); const outside = "
        "{}; "
        "const secret = outside + '/secret'; try {{ const came = await ({}); "
        "return 'came to ' + came; }} catch (error) {{ return String(error.code); }} }})()",
        js_string(outside().string()),
        script.starts_with('{') ? fmt::format("(() => {})()", script) : std::string(script));
    return outcome(runtime.eval(source, {.file_name = "script.js", .top_level_await = true}));
  }

  void expect_all_refused(Runtime& runtime) const {
    const Tree before = tree_of(outside());
    for (const Attempt& attempt : kAttempts) {
      const std::string code = try_it(runtime, attempt.script);
      const std::string codes = fmt::format(",{},", attempt.codes);
      EXPECT_TRUE(codes.contains(fmt::format(",{},", code)))
          << attempt.script << "\n  came to " << code.substr(0, 300);
      EXPECT_EQ(tree_of(outside()), before) << attempt.script;
    }
    EXPECT_TRUE(works(runtime));
  }

  filesystem::path folder_;
};

TEST_F(FilesEscape, EveryAttemptIsRefusedAndNothingOutsideChanges) {
  Runtime runtime = make();
  expect_all_refused(runtime);
}

// Removing a link removes the link.
TEST_F(FilesEscape, LinksThatLeadOutCanBeRemovedThemselves) {
  Runtime runtime = make();
  const Tree before = tree_of(outside());
  for (const std::string_view script :
       {"fs.unlinkSync('/relative')", "fs.rmSync('/out', { recursive: true })",
        "fs.renameSync('/absolute', '/moved')", "fs.renameSync('/inside', '/dangling')",
        "fs.rmSync('/dir', { recursive: true })"}) {
    EXPECT_EQ(try_it(runtime, script), "came to undefined") << script;
    EXPECT_EQ(tree_of(outside()), before) << script;
  }
}

// A child, because the filter stays. The kernel is one before openat2(2), which also means that no
// link is followed.
TEST_F(FilesEscape, EveryAttemptIsRefusedWithoutOpenat2) {
  EXPECT_TRUE(in_child([&] {
    sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program = {.len = 4, .filter = static_cast<sock_filter*>(filter)};
    ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
    Runtime runtime = make();
    EXPECT_EQ(try_it(runtime, "fs.readFileSync('/dir/secret', 'utf8')"), "came to inside");
    expect_all_refused(runtime);
  }));
}

TEST_F(FilesEscape, DevicesAreNotOpened) {
  if (::mknod((root() / "device").c_str(), S_IFCHR | 0666, makedev(1, 5)) != 0)
    GTEST_SKIP() << "no right to make one";
  Runtime runtime = make();
  for (const std::string_view script :
       {"fs.readFileSync('/device')", "fs.writeFileSync('/device', 'x')",
        "fs.openSync('/device', 'r+')"}) {
    EXPECT_EQ(try_it(runtime, script), "EACCES") << script;
  }
  EXPECT_EQ(try_it(runtime, "fs.statSync('/device').isFile()"), "came to false");
}

TEST_F(FilesEscape, NoPathOfTheHostIsTold) {
  Runtime runtime = make();
  for (const std::string_view script :
       {"fs.readFileSync('/relative')", "fs.realpathSync('/absolute')", "fs.statSync('/absent')",
        "fs.renameSync('/a', '/out/b')"}) {
    const std::string source = fmt::format(
        "await (async () => {{ const {{ default: fs }} = await import('node:fs'); try {{ {} }} "
        "catch (e) {{ return "
        "e.stack + JSON.stringify(e) + e; }} }})()",
        script);
    const std::string told = outcome(runtime.eval(source, {.top_level_await = true}));
    EXPECT_FALSE(told.contains(folder_.filename().string())) << told;
    EXPECT_TRUE(told.contains("E")) << told;
  }
}

// Someone swaps a directory of the mount for a link out of it, all the time.
TEST_F(FilesEscape, LinksSwappedDuringUseLeadNowhere) {
  write(outside() / "list", "top secret");
  filesystem::create_symlink("../outside", root() / "other");
  filesystem::create_directory(root() / "swapped");
  write(root() / "swapped" / "secret", "inside");
  const Tree before = tree_of(outside());
  std::atomic<bool> over{false};
  std::thread swapper([&] {
    while (!over) {
      ::syscall(SYS_renameat2, AT_FDCWD, (root() / "swapped").c_str(), AT_FDCWD,
                (root() / "other").c_str(), RENAME_EXCHANGE);
    }
  });
  Runtime runtime = make();
  const std::string source = fmt::format(R"js(await (async () => {{
    const {{ default: fs }} = await import('node:fs');
    const seen = new Set();
    const attempt = (f) => {{ try {{ seen.add(String(f())); }} catch (e) {{ seen.add(e.code); }} }};
    for (let i = 0; i < {}; i++) {{
      attempt(() => fs.readFileSync('/swapped/secret', 'utf8'));
      attempt(() => fs.readFileSync('/swapped/../swapped/secret', 'utf8'));
      attempt(() => fs.readdirSync('/swapped').includes('list') ? 'top secret' : 'inside');
      attempt(() => fs.statSync('/swapped/secret').size === 10 ? 'top secret' : 'inside');
      attempt(() => fs.writeFileSync('/swapped/w', 'x'));
      attempt(() => fs.appendFileSync('/swapped/secret', ''));
      attempt(() => fs.mkdirSync('/swapped/d'));
      attempt(() => fs.renameSync('/swapped/w', '/swapped/v'));
      attempt(() => fs.unlinkSync('/swapped/v'));
      attempt(() => fs.unlinkSync('/swapped/list'));
      attempt(() => fs.rmdirSync('/swapped/d'));
      attempt(() => fs.rmSync('/swapped/d', {{ recursive: true }}));
      attempt(() => fs.copyFileSync('/swapped/secret', '/copy'));
      attempt(() => fs.readFileSync('/copy', 'utf8'));
    }}
    return Array.from(seen).sort().join();
  }})())js",
                                         scaled(3000));
  const std::string seen = outcome(runtime.eval(source, {.top_level_await = true}));
  over = true;
  swapper.join();
  EXPECT_TRUE(seen.contains("inside")) << seen;
  EXPECT_TRUE(seen.contains("EACCES")) << seen;
  EXPECT_FALSE(seen.contains("top secret")) << seen;
  EXPECT_EQ(tree_of(outside()), before);
}

// What a script puts in the way of node:fs itself. Each gives "refused" or throws a code; none may
// get at the secret.
TEST_F(FilesEscape, APreludeThatAScriptHasBrokenLeaksNothing) {
  const Tree before = tree_of(outside());
  constexpr std::string_view kTricks[] = {
      "String.prototype.includes = () => false; fs.readFileSync('/inside\\0/../../outside/secret')",
      "Reflect.apply = (f) => f; Function.prototype.apply = Function.prototype.call = () => "
      "secret; fs.readFileSync('/relative')",
      "Number.isInteger = () => true; ArrayBuffer.isView = () => true; fs.writeFileSync('/w', { "
      "length: 9 })",
      "Object.prototype.path = secret; Object.prototype.flag = 'w'; fs.readFileSync('/relative', "
      "{})",
      "Object.defineProperty(Object.prototype, 'code', { set() { throw 1 }, configurable: true }); "
      "fs.readFileSync('/absent')",
      "Object.defineProperty(Error.prototype, 'errno', { set(v) { globalThis.leak = this }, "
      "configurable: true }); fs.readFileSync('/absent')",
      "Object.defineProperty(Array.prototype, '0', { set() { throw 1 }, configurable: true }); "
      "fs.readdirSync('/dir'); fs.readFileSync('/relative')",
      "Array.prototype[Symbol.iterator] = function* () { yield secret }; "
      "fs.readFileSync('/relative')",
      "RegExp.prototype.exec = () => ['0']; fs.writeFileSync('/relative', 'x', { mode: 'zz' })",
      "WeakSet.prototype.has = () => true; fs.readFile(secret)",
      "fs.constants.O_RDONLY = 2; fs.constants.F_OK = 7; fs.writeFileSync('/relative', 'x')",
      "Promise.prototype.then = (f) => f(secret); await fs.promises.readFile('/relative')",
      "globalThis.n = globalThis.n || 0; Error.prepareStackTrace = (e, sites) => { if "
      "(globalThis.n++ < 20) for "
      "(const s of sites) { "
      "const f = "
      "s.getFunction?.(); if (f) for (const a of [[secret], [secret, 0], [3, 'x'], [{}, 1n]]) try "
      "{ f(...a) } catch {} } return '' }; fs.readFileSync('/relative').stack",
      "let n = 0; fs.readFileSync('/relative', { get encoding() { n++; return n > 1 ? 'zz' : "
      "'utf8' }, get flag() { return 'r' } })",
      "let n = 0; fs.writeFileSync('/relative', 'x', { get flag() { return n++ ? 'w' : 'r' } })",
      "fs.readFileSync('/relative', new Proxy({}, { get: (t, k) => k === 'flag' ? 'w' : undefined "
      "}))",
      "fs.rmSync('/out/', new Proxy({ recursive: true, force: true }, {}))",
      "fs.mkdirSync('/out/new', { get recursive() { fs.unlinkSync('/out'); return true }, get "
      "mode() { return 0o777 } }); throw { code: 'refused' }",
      "const b = new Uint8Array(8); const fd = fs.openSync('/inside'); fs.readSync(fd, b, { get "
      "position() { b.buffer.transfer(); return 0 } }); throw { code: 'refused' }",
      "const r = new ArrayBuffer(64, { maxByteLength: 64 }); const v = new Uint8Array(r); "
      "fs.writeFileSync('/w', v, { get encoding() { r.resize(0) } }); throw { code: "
      "fs.statSync('/w').size === 0 ? 'refused' : 'wrote' }",
      "const d = new DataView(new ArrayBuffer(8)); d.buffer.transfer(); fs.writeFileSync('/w', d)",
      "const t = new Uint8Array(8); t.buffer.transfer(); const fd = fs.openSync('/inside'); "
      "fs.readSync(fd, t); throw { code: 'refused' }",
      "Object.setPrototypeOf(fs.Stats.prototype, new Proxy({}, { get() { return secret } })); "
      "fs.statSync('/relative')",
      "Object.prototype['node:fs'] = { secret }; fs.readFileSync.call({ path: secret }, "
      "'/relative')",
      "fs.readFileSync.constructor('return process.binding')()('fs')",
      "fs.readFileSync.caller",
      "new (class extends fs.Stats { constructor() { super(secret); throw { code: 'refused' } } "
      "})()",
      "const h = await fs.promises.open('/inside'); const H = h.constructor; await new "
      "H(0).readFile()",
      "const h = await fs.promises.open('/inside'); await h.close(); await h.readFile()",
      "const h = await fs.promises.open('/inside'); await h.read.call({ fd: 3 }, new "
      "Uint8Array(1))",
  };
  for (const std::string_view trick : kTricks) {
    Runtime runtime = make();
    const std::string code = try_it(runtime, fmt::format("(async () => {{ {} }})()", trick));
    EXPECT_FALSE(code.starts_with("came to")) << trick << "\n  " << code;
    EXPECT_FALSE(code.contains("top secret")) << trick << "\n  " << code;
    EXPECT_EQ(tree_of(outside()), before) << trick;
    EXPECT_TRUE(adds(runtime)) << trick;
  }
}

// Operations at random, on names that are few so that they meet. What is left on disk is within the
// quota.
TEST_F(FilesEscape, NoOrderOfOperationsGetsAroundAQuota) {
  const filesystem::path place = folder_ / "quota";
  filesystem::create_directory(place);
  Options options;
  options.limits = roomy();
  options.grants.files =
      DirectoryMount::open(
          place, {.writable = true,
                  .quota = {.bytes = 4096, .files = 6, .open_files = 3, .file_bytes = 3000}})
          .value();
  Runtime runtime = make_runtime(std::move(options));
  for (int seed = 1; seed <= 20; ++seed) {
    const std::string source = fmt::format(R"js(await (async () => {{
      const {{ default: fs }} = await import('node:fs');
      let state = {};
      const pick = (n) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
      const name = () => '/' + ['a', 'b', 'c', 'd/a', 'd/b', 'd'][pick(6)];
      const fds = [];
      const operations = [
        () => fs.writeFileSync(name(), 'x'.repeat(pick(3500))), () => fs.appendFileSync(name(), 'x'.repeat(pick(900))),
        () => fs.truncateSync(name(), pick(3500)), () => fs.copyFileSync(name(), name()), () => fs.renameSync(name(), name()),
        () => fs.unlinkSync(name()), () => fs.mkdirSync(name()), () => fs.rmSync(name(), {{ recursive: pick(2) === 0 }}),
        () => fds.push(fs.openSync(name(), ['r+', 'w', 'a', 'wx+'][pick(4)])), () => fs.closeSync(fds.splice(pick(fds.length || 1), 1)[0]),
        () => fs.writeSync(fds[pick(fds.length || 1)], 'x'.repeat(pick(2000)), pick(3000)),
        () => fs.ftruncateSync(fds[pick(fds.length || 1)], pick(3500)),
      ];
      let done = 0;
      for (let i = 0; i < 1000; i++) try {{ operations[pick(operations.length)](); done++; }} catch {{}}
      for (const fd of fds) fs.closeSync(fd);
      return done;
    }})())js",
                                           seed);
    ASSERT_GT(std::atoi(outcome(runtime.eval(source, {.top_level_await = true})).c_str()), 20);
    std::uint64_t bytes = 0;
    std::size_t files = 0;
    for (const auto& entry : filesystem::recursive_directory_iterator(place)) {
      ++files;
      if (entry.is_regular_file()) bytes += entry.file_size();
    }
    EXPECT_LE(bytes, 4096u) << seed;
    EXPECT_LE(files, 6u) << seed;
  }
  // And what was removed is free again: all of it, to the byte.
  EXPECT_EQ(
      outcome(runtime.eval(
          "await (async () => { const { default: fs } = await import('node:fs'); "
          "for (const n of fs.readdirSync('/')) fs.rmSync('/' + n, { recursive: true }); "
          "fs.writeFileSync('/a', 'x'.repeat(3000)); fs.writeFileSync('/b', 'x'.repeat(1096)); "
          "try { fs.appendFileSync('/b', 'x') } catch (e) { return e.code } })()",
          {.top_level_await = true})),
      "ENOSPC");
}

}  // namespace
}  // namespace sandglass::test
