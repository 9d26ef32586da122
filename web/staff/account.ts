// Who is signed in, as every page of staff needs it first.
import { signal } from '@preact/signals'
import { api, type Refused } from '@/lib/api'
import type { Me, RoleName, ServerInfo } from '@/lib/types'

export type Account = Me | 'unknown' | Refused

export const account = signal<Account>('unknown')
export const server = signal<ServerInfo | null>(null)
/** How much room the server's disk has: 0 enough, 1 recordings wait, 2 the reserve, 3 none. */
export const room = signal(0)

let loading: Promise<void> | null = null

export function loadAccount(): Promise<void> {
  loading ??= load().finally(() => (loading = null))
  return loading
}

async function load(): Promise<void> {
  const [me, info] = await Promise.all([api<Me>('me'), api<ServerInfo>('server')])
  account.value = me.ok ? me.value : me
  if (me.ok) room.value = me.value.room ?? 0
  if (info.ok) server.value = info.value
}

/** Asks again how much room there is: for pages that no live socket tells. */
export async function lookForRoom(): Promise<void> {
  const me = await api<Me>('me')
  if (me.ok) room.value = me.value.room ?? 0
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
