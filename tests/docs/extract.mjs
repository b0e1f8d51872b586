// Makes programs of the C++ in markdown files, so that a document that lies fails a test.
//
//   node extract.mjs --list DOCUMENT...         the names of the files that would be written
//   node extract.mjs OUTPUT_DIRECTORY DOCUMENT...   writes them
//
// Of each block that begins with ```cpp:
//
//   `int main` in it      a program of its own, NAME_program_N.cc, word by word
//   anything else         a function in NAME.cc that runs with a `runtime` of its own, and a `global` if it says so;
//                         types, templates, functions and BOOST_DESCRIBE_ of it go before all functions of the document
//   <!-- no-run -->       on the line before it: is compiled, and not run
//   <!-- no-compile -->   is left out
//
// What is checked, besides that it compiles and that no error escapes from it:
//
//   expression;  // -> text        the value of the expression, or of the variable declared, is shown as `text`
//   // prints: text                what the block writes to standard output is these lines, in this order
//   <!-- check-table: name<N> -->  before a table: docs::name<TYPE>(row) is called for each `TYPE` in column N
//   <!-- check-table: name(N) -->  before a table: docs::name(row, f) is called for each `EXPRESSION` in column N, where
//                                  f() is that expression; N counts from 1
//   <!-- check-table: name[N] -->  before a table: docs::name(row) is called for each piece of code in column N

import fs from 'node:fs';
import path from 'node:path';

const [target, ...documents] = process.argv.slice(2);
if (target === undefined || documents.length === 0) {
  console.error('usage: extract.mjs --list|OUTPUT_DIRECTORY DOCUMENT...');
  process.exit(2);
}

class DocumentError extends Error {}

// The blocks and checked tables of a document, each with the number of its first line.
function read(file) {
  const blocks = [];
  const tables = [];
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  let mark = '';
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(\w*)/.exec(lines[i]);
    if (fence) {
      const first = ++i;
      while (i < lines.length && lines[i] !== '```') i++;
      if (i === lines.length) throw new DocumentError(`${file}:${first}: the block does not end`);
      if (fence[1] === 'cpp') blocks.push({line: first + 1, code: lines.slice(first, i).join('\n') + '\n', mark});
      mark = '';
      continue;
    }
    const comment = /^<!-- (no-run|no-compile|check-table: (\w+)([<([])(\d)[>)\]]) -->$/.exec(lines[i]);
    if (comment?.[2]) {
      let at = i + 1;
      while (lines[at] === '') at++;
      const rows = [];
      for (at += 2; lines[at]?.startsWith('|'); at++) {
        const cells = lines[at].slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
        rows.push({line: at + 1, cells});
      }
      if (rows.length === 0) throw new DocumentError(`${file}:${i + 1}: no table follows`);
      tables.push({check: comment[2], form: comment[3], column: comment[4] - 1, rows});
    }
    if (lines[i] !== '') mark = comment && !comment[2] ? comment[1] : '';
  }
  return {blocks, tables};
}

// Goes through `code` once: top-level items, statements at all levels, and line comments, by their places.
function scan(code) {
  const items = [];
  const statements = [];
  const comments = [];
  const frames = [{open: '', start: -1}];
  const top = () => frames[frames.length - 1];
  const in_statements = () => top().open === '' || top().open === '{';
  const end_item = (end) => {
    if (frames.length === 1) items.push({start: top().start, end});
    top().start = -1;
  };
  let i = 0;
  const skip = (pattern) => {
    pattern.lastIndex = i;
    const match = pattern.exec(code);
    if (match) i += match[0].length;
    return match;
  };
  while (i < code.length) {
    const begin = i;
    if (skip(/\s+/y)) continue;
    if (skip(/\/\/[^\n]*/y)) {
      comments.push({start: begin, text: code.slice(begin, i)});
      continue;
    }
    if (skip(/\/\*[\s\S]*?\*\//y)) continue;
    if (top().open === '' && top().start < 0 && skip(/#(?:\\\n|[^\n])*/y)) {
      items.push({start: begin, end: i});
      continue;
    }
    if (top().start < 0) top().start = i;
    if (skip(/R"([^()\\\s]{0,16})\([\s\S]*?\)\1"/y)) continue;
    if (skip(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'/y)) continue;
    if (skip(/\w(?:[\w']*\w)?/y)) continue;  // 1'000 is no character
    const c = code[i++];
    if ('([{'.includes(c)) {
      frames.push({open: c, start: -1});
    } else if (')]}'.includes(c)) {
      frames.pop();
      if (frames.length === 0) throw new DocumentError('unbalanced brackets');
      if (!in_statements()) continue;
      if (c === '}' && !/^\s*(?:[;,.)\]\-+*=<>?&|:(]|\/(?![/*]))/.test(code.slice(i))) end_item(i);
      if (c === ')' && code.startsWith('BOOST_DESCRIBE_', top().start)) {
        skip(/;/y);
        end_item(i);
      }
    } else if (c === ';' && in_statements()) {
      statements.push({start: top().start, end: i});
      end_item(i);
    }
  }
  if (frames.length !== 1) throw new DocumentError('unbalanced brackets');
  if (top().start >= 0) throw new DocumentError(`unfinished: ${code.slice(top().start).trim()}`);
  return {items, statements, comments};
}

function belongs_to_file(text) {
  if (/^(#|template\b|struct\b|class\b|enum\b|union\b|namespace\b|inline\b|BOOST_DESCRIBE_)/.test(text)) return true;
  const head = text.slice(0, text.indexOf('{'));
  return text.endsWith('}') && /^[\w:<>,\s&*]+\s[&*]?[\w:]+\s*\([\s\S]*\)[\s\w]*$/.test(head) &&
      !/^(if|for|while|switch|do|else|try|catch|return)\b/.test(head);
}

const blank = (text) => text.replace(/[^\n]/g, ' ');
const literal = JSON.stringify;
const line_at = (code, at) => code.slice(0, at).split('\n').length - 1;

// `code` with each `// -> text` turned into a check.
function with_checks(block, {statements, comments}) {
  let code = block.code;
  const claims = comments.filter((comment) => comment.text.startsWith('// -> '));
  for (const claim of claims.reverse()) {
    const statement = statements.findLast(
        ({end}) => end <= claim.start && /^[ \t]*\n?[ \t]*$/.test(block.code.slice(end, claim.start)));
    const line = block.line + line_at(block.code, claim.start);
    if (!statement) throw new DocumentError(`line ${line}: this follows no statement: ${claim.text}`);
    const text = block.code.slice(statement.start, statement.end - 1);
    const expected = literal(claim.text.slice('// -> '.length).trimEnd());
    const declared = /^(?:const\s+|static\s+|constexpr\s+)*[A-Za-z_][\w:]*(?:<[^=]*>)?[&*\s]+(\w+)\s*=(?!=)/.exec(text);
    const checked = declared ? `${text}; docs::expect(${expected}, ${declared[1]});` : `docs::expect(${expected}, ${text});`;
    code = code.slice(0, statement.start) + checked + code.slice(statement.end);
  }
  return code;
}

const prints = (block) => [...block.code.matchAll(/\/\/ prints: ?(.*)$/gm)].map((match) => match[1].trimEnd());

// Checks change the length of lines, never their number: places in the document stay right.
function split(block) {
  const {items} = scan(block.code);
  const parts = {includes: [], file: '', body: block.code};
  for (const {start, end} of items) {
    const text = block.code.slice(start, end);
    if (text.startsWith('#include')) {
      parts.includes.push(text);
    } else if (belongs_to_file(text)) {
      parts.file += blank(block.code.slice(parts.file.length, start)) + text;
    } else {
      continue;
    }
    parts.body = parts.body.slice(0, start) + blank(text) + parts.body.slice(end);
  }
  const body_block = {...block, code: parts.body};
  parts.body = with_checks(body_block, scan(parts.body));
  return parts;
}

function functions_of(file, shown, blocks, tables) {
  const includes = new Set();
  let files = '';
  let functions = '';
  const list = [];
  for (const block of blocks) {
    let parts;
    try {
      parts = split(block);
    } catch (error) {
      throw new DocumentError(`${file}:${block.line}: ${error.message}`);
    }
    parts.includes.forEach((include) => includes.add(include));
    if (parts.file) files += `#line ${block.line} ${literal(shown)}\n${parts.file}\n`;
    if (!parts.body.trim()) continue;
    const name = `block_at_line_${block.line}`;
    const declares = (what) => new RegExp(`\\b(auto|[\\w:]*Runtime|[\\w:]*Value|[\\w:]*Result<.*>)&? ${what}\\b`).test(parts.body);
    const own = [];
    if (!declares('runtime')) own.push('[[maybe_unused]] sandglass::Runtime runtime = docs::make_runtime();');
    if (/\bglobal\b/.test(parts.body) && !declares('global')) {
      own.push('[[maybe_unused]] const sandglass::Value global = runtime.global();');
    }
    functions += `\nvoid ${name}() {\n  ${own.join('\n  ')}\n#line ${block.line} ${literal(shown)}\n${parts.body}}\n`;
    const run = block.mark === 'no-run' ? 'false' : 'true';
    list.push(`{${literal(`${shown}:${block.line}`)}, ${name}, ${run}, {${prints(block).map(literal).join(', ')}}}`);
  }
  for (const {check, form, column, rows} of tables) {
    for (const {line, cells} of rows) {
      const subjects = [...(cells[column] ?? '').matchAll(/`([^`]*)`/g)].map((match) => match[1]);
      if (subjects.length === 0) throw new DocumentError(`${file}:${line}: no \`code\` in column ${column + 1}`);
      const row = (subject) => `docs::Row{${[subject, ...cells].map(literal).join(', ')}}`;
      const call = {
        '<': (subject) => `docs::${check}<${subject}>(${row(subject)});`,
        '(': (subject) => `docs::${check}(${row(subject)}, [] { return ${subject}; });`,
        '[': (subject) => `docs::${check}(${row(subject)});`,
      }[form];
      functions += `\nvoid row_at_line_${line}() {\n` +
          subjects.map((subject) => `#line ${line} ${literal(shown)}\n  ${call(subject)}\n`).join('') + '}\n';
      list.push(`{${literal(`${shown}:${line}`)}, row_at_line_${line}, true, {}}`);
    }
  }
  return `// Of ${shown}, by tests/docs/extract.mjs.\n\n${[...includes].join('\n')}\n#include "support.h"\n\n${files}\n` +
      `namespace {\n${functions}\n}  // namespace\n\n` +
      `int main() {\n  return docs::run({\n      ${list.join(',\n      ')}});\n}\n`;
}

// Name -> text of what a document comes to.
function outputs(file) {
  const shown = path.basename(path.dirname(file)) === 'docs' ? `docs/${path.basename(file)}` : path.basename(file);
  const name = path.basename(file, '.md');
  const {blocks, tables} = read(file);
  const compiled = blocks.filter((block) => block.mark !== 'no-compile');
  const programs = compiled.filter((block) => /\bint main\(/.test(block.code));
  const others = compiled.filter((block) => !programs.includes(block));
  const result = new Map();
  if (others.length > 0 || tables.length > 0) result.set(`${name}.cc`, functions_of(file, shown, others, tables));
  programs.forEach((block, i) => {
    const program = `${name}_program_${i + 1}`;
    result.set(`${program}.cc`, `#line ${block.line} ${literal(shown)}\n${block.code}`);
    result.set(`${program}.expected`, prints(block).map((line) => line + '\n').join(''));
  });
  return result;
}

try {
  for (const document of documents) {
    for (const [name, text] of outputs(document)) {
      if (target === '--list') {
        console.log(name);
      } else {
        fs.mkdirSync(target, {recursive: true});
        fs.writeFileSync(path.join(target, name), text);
      }
    }
  }
} catch (error) {
  if (!(error instanceof DocumentError)) throw error;
  console.error(error.message);
  process.exit(1);
}
