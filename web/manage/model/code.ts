// Enrollment codes. Generated ones leave out what is easily taken for something else when it is read
// from a board or dictated. Pure but for the random numbers.
import * as limits from '@/lib/gen/limits'

const ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
const LENGTH = 8
export const CODE_LEAST = 4

export function makeCode(
  random: (count: number) => Uint8Array = (count) => crypto.getRandomValues(new Uint8Array(count)),
): string {
  // Numbers above the largest multiple of the alphabet would make some letters likelier.
  const fair = 256 - (256 % ALPHABET.length)
  let code = ''
  while (code.length < LENGTH)
    for (const byte of random(LENGTH))
      if (byte < fair && code.length < LENGTH) code += ALPHABET[byte % ALPHABET.length]
  return code
}

export type CodeProblem = 'short' | 'long' | 'letters'

/** Empty is right: then the server makes one. */
export function codeProblem(code: string): CodeProblem | null {
  if (code === '') return null
  if (!/^[A-Za-z0-9-]+$/.test(code)) return 'letters'
  if (code.length < CODE_LEAST) return 'short'
  return code.length > limits.CODE_CHARS_MAX ? 'long' : null
}

/** Which characters of a typed code are often confused: shown as a hint, not refused. */
export function lookAlikes(code: string): string[] {
  return [...new Set(code.match(/[O0Il1]/g) ?? [])]
}
