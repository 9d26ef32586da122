// The one place where an address becomes something that the browser runs. The page's policy requires
// Trusted Types, so that no string reaches script by accident; this policy lets own built files pass.

interface Policy {
  createScriptURL(address: string): string
}
interface Factory {
  createPolicy(name: string, rules: Policy): Policy
}

let policy: Policy | undefined

function ownFile(address: string): string {
  const url = new URL(address, location.href)
  if (url.origin !== location.origin) throw new TypeError(`Not a file of this server: ${address}`)
  return url.href
}

/** The address of a script of our own (worker, service worker), in the form that the browser accepts. */
export function scriptAddress(address: string): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
  if (!policy && factory) {
    try {
      policy = factory.createPolicy('invigil', { createScriptURL: ownFile })
    } catch {
      // A page without the policy's name in its header: then it does not require one either.
    }
  }
  return policy ? policy.createScriptURL(address) : ownFile(address)
}
