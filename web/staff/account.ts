// Who is signed in, as every page of staff needs it first.
import { signal } from '@preact/signals'
import { api, type Refused } from '@/lib/api'
import type { Me, RoleName, ServerInfo } from '@/lib/types'

export type Account = Me | 'unknown' | Refused

export const account = signal<Account>('unknown')
export const server = signal<ServerInfo | null>(null)

let loading: Promise<void> | null = null

export function loadAccount(): Promise<void> {
  loading ??= load().finally(() => (loading = null))
  return loading
}

async function load(): Promise<void> {
  const [me, info] = await Promise.all([api<Me>('me'), api<ServerInfo>('server')])
  account.value = me.ok ? me.value : me
  if (info.ok) server.value = info.value
}

/** The person, or null while it is unknown or nobody is signed in. */
export function person(): Me | null {
  const known = account.value
  return known !== 'unknown' && 'signed_in' in known && known.signed_in ? known : null
}

export function hasRole(...roles: RoleName[]): boolean {
  return person()?.roles.some((role) => roles.includes(role)) ?? false
}

export async function signOut(): Promise<void> {
  await api('signout')
  location.href = '/'
}
