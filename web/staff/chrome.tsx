// What all pages of staff have around them: the bar with the pages of one's roles and the account, the
// check who is signed in, the note that the device is offline.
import { signal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Me, RoleName } from '@/lib/types'
import { Banner, ErrorState, Loading, Menu, Toasts, type MenuEntry } from '@/ui'
import {
  account,
  hasRole,
  loadAccount,
  lookForRoom,
  person,
  room,
  server,
  signOut,
} from './account.ts'
import { identity, IdentityHost, lockIdentity, unlocked } from './identity.tsx'
import { roleWords, t } from './text.ts'
import { nextTheme, theme } from './theme.ts'

const online = signal(navigator.onLine)
addEventListener('online', () => (online.value = true))
addEventListener('offline', () => (online.value = false))

export type PageName = 'home' | 'live' | 'review' | 'manage'

const PAGES: readonly { name: PageName; href: string; roles: readonly RoleName[] | null }[] = [
  { name: 'home', href: '/', roles: null },
  { name: 'live', href: '/live/', roles: ['proctor'] },
  { name: 'review', href: '/review/', roles: ['reviewer'] },
  { name: 'manage', href: '/manage/', roles: ['planner', 'administrator'] },
]

function mayOpen(me: Me, roles: readonly RoleName[] | null): boolean {
  return roles === null || me.roles.some((role) => roles.includes(role))
}

function AccountMenu({ me }: { me: Me }): JSX.Element {
  const entries: MenuEntry[] = [
    { label: t(`menu.theme.${theme.value}`), onSelect: nextTheme },
    { label: t('menu.signout'), onSelect: () => void signOut(), line: true },
  ]
  const holdsKeys = hasRole('proctor', 'reviewer', 'planner')
  if (holdsKeys && identity.value)
    entries.splice(1, 0, { label: t('menu.lock'), onSelect: lockIdentity })
  else if (holdsKeys) {
    const label = me.has_identity ? t('menu.unlock') : t('menu.passphrase')
    entries.splice(1, 0, { label, onSelect: () => void unlocked() })
  }
  return (
    <Menu
      label={<span class="bar-name">{me.name}</span>}
      aria-label={t('menu.account', { name: me.name })}
      icon="people"
      look="quiet"
      entries={entries}
    />
  )
}

export function Bar({ current, me }: { current: PageName; me: Me }): JSX.Element {
  return (
    <header class="bar">
      <a class="skip-link" href="#main">
        {t('skip')}
      </a>
      <a class="bar-brand" href="/">
        {t('brand')}
      </a>
      <nav class="bar-pages" aria-label={t('nav')}>
        {PAGES.filter((page) => mayOpen(me, page.roles)).map((page) => (
          <a
            key={page.name}
            class="bar-page"
            href={page.href}
            aria-current={page.name === current ? 'page' : undefined}
          >
            {t(`nav.${page.name}`)}
          </a>
        ))}
      </nav>
      <span class="bar-organization muted">{server.value?.organization}</span>
      <AccountMenu me={me} />
    </header>
  )
}

/** The server's disk is nearly full: what waits, and that nothing is lost. */
function RoomBanner(): JSX.Element | null {
  const level = room.value
  if (level === 0) return null
  const name = level === 1 ? 'evidence' : level === 2 ? 'reserve' : 'none'
  return (
    <Banner tone={level === 1 ? 'warn' : 'bad'} icon="warn" title={t(`room.${name}`)} live>
      {t(`room.${name}.help`)}
    </Banner>
  )
}

function NoRole({ me, roles }: { me: Me; roles: readonly RoleName[] }): JSX.Element {
  const names = roleWords(roles, 'disjunction')
  return (
    <ErrorState title={t('gate.role')}>
      <h1 class="visually-hidden">{t('brand')}</h1>
      <p>{t('gate.role.help', { roles: names, name: me.name })}</p>
      <p>
        <a href="/">{t('gate.home')}</a>
      </p>
    </ErrorState>
  )
}

export interface PageProps {
  current: PageName
  roles: readonly RoleName[] | null
  /** Fills the window below the bar, scrolls inside. */
  full?: boolean
  children: () => ComponentChildren
}

/** A page of staff: asks who is signed in, then draws children(). */
export function Page(props: PageProps): JSX.Element {
  useEffect(() => {
    document.documentElement.dataset.density = 'staff'
    void loadAccount()
    // The live page is told; the others ask when somebody comes back to them.
    const back = (): void => void (document.visibilityState === 'visible' && lookForRoom())
    document.addEventListener('visibilitychange', back)
    return () => document.removeEventListener('visibilitychange', back)
  }, [])
  return (
    <>
      <PageInside {...props} />
      <IdentityHost />
      <Toasts />
    </>
  )
}

function PageInside({ current, roles, full, children }: PageProps): JSX.Element {
  const known = account.value
  if (known === 'unknown')
    return (
      <main class="page" id="main">
        <Loading />
      </main>
    )
  if ('ok' in known)
    return (
      <main class="page" id="main">
        <ErrorState title={t('gate.failed')} onRetry={() => void loadAccount()}>
          <h1 class="visually-hidden">{t('brand')}</h1>
          {known.text}
        </ErrorState>
      </main>
    )
  const me = person()
  if (!me) {
    const back = location.pathname + location.search
    location.replace(`/?next=${encodeURIComponent(back)}`)
    return <main class="page" id="main" />
  }
  return (
    <div class={full ? 'frame frame-full' : 'frame'}>
      <Bar current={current} me={me} />
      {online.value ? null : (
        <Banner tone="warn" icon="offline" title={t('offline')} live>
          {t('offline.help')}
        </Banner>
      )}
      <RoomBanner />
      <main class={full ? 'page-full' : 'page'} id="main" tabIndex={-1}>
        {mayOpen(me, roles) ? children() : <NoRole me={me} roles={roles ?? []} />}
      </main>
    </div>
  )
}
