// Each rule of test/tidy/ with one example that it must find and one that it must leave alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { functionsOf } from './tidy/c.mjs'
import { impure } from './tidy/objects.mjs'
import { bareC, makeRepo } from './tidy/repo.mjs'
import { rules } from './tidy/rules.mjs'

const MAKEFILE =
  'DEPS_base :=\nDEPS_wire := base\nDEPS_core := wire base\nDEPS_net := base wire\nDEPS_http := core net wire base\n'

function findings(name, files) {
  const rule = rules.find((one) => one.name === name)
  assert.ok(rule, `there is a rule "${name}"`)
  return rule.check(makeRepo(new Map(Object.entries({ Makefile: MAKEFILE, ...files }))))
}

const finds = (name, files, place) =>
  assert.deepEqual(
    findings(name, files).map(({ file, line }) => `${file}:${line}`),
    [place],
  )

const leaves = (name, files) => assert.deepEqual(findings(name, files), [])

const body = (lines) => `int f(void)\n{\n${'    g();\n'.repeat(lines - 2)}}\n`

test('Includes run down the floors, from src/, to files that exist.', () => {
  const rule = 'includes run down the floors'
  const net = { 'src/net/net.h': '/* net.h - x */\n' }
  finds(rule, { ...net, 'src/core/a.c': '#include "net/net.h"\n' }, 'src/core/a.c:1')
  finds(rule, { 'src/base/b.h': '', 'src/core/a.c': '\n#include "b.h"\n' }, 'src/core/a.c:2')
  finds(rule, { 'src/core/a.c': '#include "schema/x.def"\n' }, 'src/core/a.c:1')
  leaves(rule, {
    ...net,
    'schema/x.def': '',
    'src/http/a.c': '#include "net/net.h"\n#include "schema/x.def"\n',
  })
})

test('Includes do not run in circles.', () => {
  const rule = 'includes do not run in circles'
  const b = { 'src/base/b.h': '#include "base/c.h"\n' }
  finds(rule, { ...b, 'src/base/c.h': '#include "base/b.h"\n' }, 'src/base/c.h:1')
  leaves(rule, {
    ...b,
    'src/base/c.h': '',
    'src/base/d.h': '#include "base/b.h"\n#include "base/c.h"\n',
  })
})

test('Each library is in one room, and the core knows no clock.', () => {
  const rule = 'each library is in one room'
  finds(rule, { 'src/http/a.c': '#include <sqlite3.h>\n' }, 'src/http/a.c:1')
  finds(rule, { 'src/http/a.c': '#include <openssl/ssl.h>\n' }, 'src/http/a.c:1')
  finds(rule, { 'src/app/a.c': '#include <jansson.h>\n' }, 'src/app/a.c:1')
  finds(rule, { 'src/core/a.c': '#include <time.h>\n' }, 'src/core/a.c:1')
  leaves(rule, {
    'src/store/a.c': '#include <sqlite3.h>\n#include <stdio.h>\n',
    'src/seal/a.c': '#include <openssl/evp.h>\n#include <sodium.h>\n',
    'src/net/a.c': '#include <uv.h>\n#include <openssl/ssl.h>\n',
    'src/core/a.c': '#include <string.h>\n',
  })
})

test('Banned calls are found in code, not in comments, strings or longer names.', () => {
  const rule = 'no banned calls'
  finds(rule, { 'src/base/a.c': 'int f(void)\n{\n    return atoi("1");\n}\n' }, 'src/base/a.c:3')
  leaves(rule, {
    'src/base/a.c':
      '/* atoi(x) */ const char *s = "gets(a)"; my_system(1); p->rand(2); // rand()\n',
  })
})

test('A switch over rows of the schema has no default; another one may.', () => {
  const rule = 'no default in a switch over the schema'
  const header = {
    'src/core/x.h':
      'typedef enum X {\n#define I(id, name) ITEM_##name = id,\n#include "schema/x.def"\n#undef I\n} X;\n',
  }
  const code = (label) =>
    `void f(int x)\n{\n    switch (x) {\n    case ${label}: return;\n    default: break;\n    }\n}\n`
  finds(rule, { ...header, 'src/core/a.c': code('ITEM_essay') }, 'src/core/a.c:5')
  leaves(rule, { ...header, 'src/core/a.c': code("'x'") })
})

test('Functions of more than 70 lines are found.', () => {
  const rule = 'no function is too long'
  finds(rule, { 'src/base/a.c': body(71) }, 'src/base/a.c:2')
  leaves(rule, { 'src/base/a.c': body(70) })
})

test('Function lengths are counted from brace to brace; tables are none.', () => {
  const text = `${body(5)}static const int t[] = {\n1,\n};\n${body(3)}`
  assert.deepEqual(
    functionsOf(text.split('\n')).map(({ length }) => length),
    [5, 3],
  )
})

test('The usual function is short.', () => {
  const rule = 'functions are short as a rule'
  finds(rule, { 'src/base/a.c': body(16).repeat(10) }, 'src:1')
  finds(rule, { 'src/base/a.c': body(5).repeat(80) + body(41).repeat(20) }, 'src:1')
  leaves(rule, { 'src/base/a.c': body(15).repeat(95) + body(60).repeat(5) })
})

test('Files of more than 700 lines are found.', () => {
  const rule = 'no file is too long'
  finds(rule, { 'web/a.ts': 'x\n'.repeat(701) }, 'web/a.ts:700')
  leaves(rule, { 'web/a.ts': 'x\n'.repeat(700) })
})

test('A header says what it is, and is used.', () => {
  finds('each header says what it is', { 'src/base/a.h': '#ifndef A\n' }, 'src/base/a.h:1')
  leaves('each header says what it is', { 'src/base/a.h': '/* a.h - letters. */\n' })
  finds('each header is used', { 'src/base/a.h': '' }, 'src/base/a.h:1')
  leaves('each header is used', {
    'src/base/a.h': '',
    'test/base/a_test.c': '#include "base/a.h"\n',
  })
})

test('Ids and names in the tables are unique; commands count over all tables.', () => {
  const rule = 'ids and names in the tables are unique'
  finds(rule, { 'schema/a.def': 'I(1, one, "x")\nI(1, two, "x")\n' }, 'schema/a.def:2')
  finds(rule, { 'schema/a.def': 'L(ONE, 1, "x")\nL(ONE, 2, "x")\n' }, 'schema/a.def:2')
  finds(
    rule,
    { 'schema/a.def': 'C(1, one, X, )\n', 'schema/b.def': '\nC(1, two, X, )\n' },
    'schema/b.def:2',
  )
  leaves(rule, {
    'schema/a.def': '/* I(1, x) */\nI(1, one, "x")\nE(1, one, F(u8, a))\nW(u8, a)\nW(u8, b)\n',
    'schema/b.def': 'I(1, one, "x")\n',
  })
})

test('A limit that bounds nothing is found.', () => {
  const rule = 'each limit bounds something'
  const table = { 'schema/limits.def': 'L(A_MAX, 1, "x")\n' }
  finds(rule, { ...table, 'src/base/a.c': 'int AA_MAX;\n' }, 'schema/limits.def:1')
  leaves(rule, { ...table, 'src/base/a.c': 'int x = A_MAX;\n' })
})

test('Templates pass the C preprocessor.', () => {
  const rule = 'templates pass the C preprocessor'
  finds(rule, { 'schema/a.ts.in': "export const a = 'x'\n" }, 'schema/a.ts.in:1')
  leaves(rule, { 'schema/a.ts.in': 'export const a = "x"\n#include "schema/a.def"\n' })
})

test('Strings that become markup are found.', () => {
  const rule = 'no string becomes markup'
  finds(rule, { 'web/a.tsx': 'x\nnode.innerHTML = text\n' }, 'web/a.tsx:2')
  leaves(rule, { 'web/a.tsx': 'node.textContent = text // never innerHTML\n' })
})

test('Modules that no page reaches are found.', () => {
  const rule = 'each module of the browser side is used'
  const files = {
    'web/exam/main.tsx': "import { a } from '../lib/a'\n",
    'web/lib/a.ts': "import('@/lib/b.ts')\nnew Worker(new URL('./c.worker.ts', import.meta.url))\n",
  }
  finds(rule, { ...files, 'web/lib/d.ts': '' }, 'web/lib/d.ts:1')
  leaves(rule, { ...files, 'web/lib/b.ts': '', 'web/lib/c.worker.ts': '', 'web/lib/a.test.ts': '' })
})

test('Packages are pinned.', () => {
  const rule = 'packages are pinned'
  finds(rule, { 'package.json': '{\n"dependencies": { "a": "^1.2.3" } }\n' }, 'package.json:2')
  leaves(rule, { 'package.json': '{"dependencies": { "a": "1.2.3" } }\n' })
})

test('A page has one title; a hash in code is none.', () => {
  const rule = 'each page has one title'
  finds(rule, { 'a.md': '# One\n\n# Two\n' }, 'a.md:3')
  finds(rule, { 'a.md': 'text\n' }, 'a.md:1')
  leaves(rule, { 'a.md': '# One\n\n```\n# comment\n```\n' })
})

test('Links lead to files, folders and headings that exist.', () => {
  const rule = 'links within the project lead somewhere'
  const b = { 'docs/b.md': '# B\n\n## Two words, here\n' }
  finds(rule, { ...b, 'a.md': '# A\n[x](docs/c.md)\n' }, 'a.md:2')
  finds(rule, { ...b, 'a.md': '# A\n[x](docs/b.md#three)\n' }, 'a.md:2')
  leaves(rule, {
    ...b,
    'a.md':
      '# A\n[x](docs/b.md#two-words-here) [y](docs/) [z](https://example.org) [w](#a) `[v](no.md)`\n',
  })
})

test('The manual page knows each verb and each option.', () => {
  const rule = 'the manual page knows the command line'
  const table = {
    'schema/commands.def': '/* x */\nV(serve, "[--data DIR] [--web-root DIR]", "Serves.")\n',
  }
  finds(rule, { ...table, 'man/invigil.1': '.B serve\n\\-\\-data\n' }, 'schema/commands.def:2')
  leaves(rule, { ...table, 'man/invigil.1': '.B serve\n\\-\\-data \\-\\-web\\-root\n' })
})

test('Left over words are found, longer words are not.', () => {
  finds('nothing is left over', { 'src/base/a.c': '/* TODO: x */\n' }, 'src/base/a.c:1')
  leaves('nothing is left over', { 'src/base/a.c': 'mkstemp("XXXXXX"); stubborn();\n' })
})

test('A test that waits for a fixed time is found; one that polls is not.', () => {
  const rule = 'no test waits for a fixed time'
  finds(rule, { 'test/base/a_test.c': 'usleep(5);\n' }, 'test/base/a_test.c:1')
  finds(rule, { 'test/web/a.spec.ts': 'await page.waitForTimeout(500)\n' }, 'test/web/a.spec.ts:1')
  leaves(rule, {
    'test/base/a_test.c': 'usleep(5); /* polls for the port */\n',
    'src/net/a.c': 'usleep(1);\n',
  })
})

test('Blanks and missing newlines at ends are found.', () => {
  finds('no blanks at line ends', { 'a.md': '# A\nx \n' }, 'a.md:2')
  leaves('no blanks at line ends', { 'a.md': '# A\nx\n' })
  finds('files end with a newline', { 'a.md': '# A' }, 'a.md:1')
  finds('files end with a newline', { 'a.md': '# A\n\n' }, 'a.md:3')
  leaves('files end with a newline', { 'a.md': '# A\n' })
})

test('Words that judge people are found.', () => {
  finds('the words fit', { 'web/a.ts': "x\nconst word = 'Cheating'\n" }, 'web/a.ts:2')
  leaves('the words fit', { 'web/a.ts': "const word = 'For review'\n" })
})

test('The core may call itself, the floors below and little else.', () => {
  const known = new Set(['span_equal', 'attempt_decide'])
  assert.deepEqual(
    impure(['memcpy', 'span_equal', 'attempt_decide', 'assert_failed', '__asan_init'], known),
    [],
  )
  assert.deepEqual(impure(['time', 'malloc', 'strtod'], known), ['time', 'malloc', 'strtod'])
})

test('Bare C keeps its lines.', () => {
  assert.equal(bareC('a /* x\ny */ "b\\"c" \'"\' d // e\nf'), 'a     \n     "" \' \' d     \nf')
})

test('Every rule has an example here.', async () => {
  const { readFileSync } = await import('node:fs')
  const here = readFileSync(new URL(import.meta.url), 'utf8')
  for (const { name } of rules) assert.ok(here.includes(`'${name}'`), name)
})
