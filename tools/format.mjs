// format.mjs [--write]: checks that clang-format and Prettier would change nothing, or lets them.
import { execFileSync, spawnSync } from 'node:child_process'

const write = process.argv.includes('--write')
const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
const files = listed.split('\n').filter((file) => file && !file.includes('tidy-fixtures/'))

const c = files.filter((file) => /\.[ch]$/.test(file))
const web = files.filter(
  (file) => /\.(ts|tsx|mjs|css|json)$/.test(file) && file !== 'package-lock.json',
)

function form(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error) console.error(`${command}: ${error.message}`)
  return status === 0
}

const cGood = form('clang-format', [...(write ? ['-i'] : ['--dry-run', '-Werror']), ...c])
const webGood = form('node_modules/.bin/prettier', [
  write ? '--write' : '--check',
  '--log-level',
  'warn',
  ...web,
])
if (!cGood || !webGood) {
  if (!write) console.error('./dev fmt brings all files into their form')
  process.exit(1)
}
