// A number that stands for this browser, so that the server can tell a reload from another device.
const NAME = 'invigil-device'

function stored(): string | null {
  try {
    return localStorage.getItem(NAME)
  } catch {
    return null
  }
}

export function deviceId(): number {
  const known = Number(stored())
  if (Number.isSafeInteger(known) && known > 0) return known
  const words = crypto.getRandomValues(new Uint32Array(2))
  const made = (words[0]! % 2 ** 20) * 2 ** 32 + words[1]! + 1
  try {
    localStorage.setItem(NAME, String(made))
  } catch {
    // A browser that stores nothing is a new device at each visit.
  }
  return made
}
