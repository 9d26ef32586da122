// Patterns that the stages of ./dev test use to find what there is to test.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { glob } from '../../tools/lib/glob.mjs'

test('A star stays within one name.', () => {
  const found = glob('test/*/*_test.c')
  assert.ok(found.includes('test/base/arena_test.c'))
  assert.ok(found.every((path) => path.split('/').length === 3))
  assert.deepEqual(glob('*_test.c'), [])
})

test('Two stars pass over folders, also over none.', () => {
  const found = glob('tools/**/*.mjs')
  assert.ok(found.includes('tools/test.mjs'))
  assert.ok(found.includes('tools/lib/glob.mjs'))
})

test('What is built or installed is not found, and dots are dots.', () => {
  assert.deepEqual(glob('node_modules/*/package.json'), [])
  assert.deepEqual(glob('tools/test?mjs'), [])
  assert.deepEqual(glob('tools/testXmjs'), [])
})
