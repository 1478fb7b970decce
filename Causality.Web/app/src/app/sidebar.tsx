import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { PanelLeftClose, PanelLeftOpen, Search } from 'lucide-react'
import { useState } from 'react'
import { isAdministrator, sessionQuery } from '@/shared/session/session.queries'
import { useWorkspace } from '@/shared/workspace/workspace'
import { Button } from '@/shared/ui/button'
import { cn } from '@/shared/ui/cn'
import { Tooltip } from '@/shared/ui/tooltip'
import { AccountMenu } from './account-menu'
import { HomeLink } from './frame'
import { pagesOf } from './pages'
import { AppSwitcher, OrganizationSwitcher } from './switchers'

export interface ShellActions {
  onSearch: () => void
  onNewOrganization: () => void
  onSignOut: () => void
}

const key = 'causality.sidebar'

/** Open, or a narrow rail of pictures; narrow by itself where the window leaves little room, until one chooses. */
function useCollapsed() {
  const [collapsed, setCollapsed] = useState(() => {
    try {
      const chosen = localStorage.getItem(key)
      if (chosen) return chosen === 'narrow'
    } catch {
      // storage may be forbidden
    }
    return window.innerWidth < 1024
  })
  const choose = (narrow: boolean) => {
    setCollapsed(narrow)
    try {
      localStorage.setItem(key, narrow ? 'narrow' : 'open')
    } catch {
      // then it lasts as long as the page
    }
  }
  return [collapsed, choose] as const
}

export function Sidebar(actions: ShellActions) {
  const [narrow, setNarrow] = useCollapsed()
  const toggle = (
    <Button
      variant="ghost"
      size="tiny"
      className="text-muted-foreground"
      aria-label={narrow ? 'Open the sidebar' : 'Collapse the sidebar'}
      aria-expanded={!narrow}
      onClick={() => setNarrow(!narrow)}
    >
      {narrow ? <PanelLeftOpen aria-hidden /> : <PanelLeftClose aria-hidden />}
    </Button>
  )
  return (
    <aside aria-label="Sidebar" className={cn('sticky top-0 flex h-dvh shrink-0 flex-col border-r border-border bg-surface', narrow ? 'w-14' : 'w-60')}>
      <div className={cn('flex items-center justify-between px-3 pt-3', narrow && 'flex-col gap-2')}>
        <HomeLink short={narrow} />
        {toggle}
      </div>
      <SidebarContent narrow={narrow} {...actions} />
    </aside>
  )
}

/** What the sidebar holds, and on small windows the drawer. `onGo` is called when a page or place is chosen. */
export function SidebarContent({ narrow = false, onGo, onSearch, onNewOrganization, onSignOut }: ShellActions & { narrow?: boolean; onGo?: () => void }) {
  const workspace = useWorkspace()
  const administrator = isAdministrator(useQuery(sessionQuery).data)
  return (
    <>
      <div className={cn('space-y-1 p-3', narrow && 'px-2')}>
        <OrganizationSwitcher narrow={narrow} onNew={onNewOrganization} onGo={onGo} />
        <AppSwitcher narrow={narrow} onGo={onGo} />
        <Labeled text="Search" narrow={narrow}>
          <button
            type="button"
            onClick={onSearch}
            className={cn('flex h-9 w-full items-center gap-2.5 rounded-md px-2 text-muted-foreground hover:bg-muted hover:text-foreground', narrow && 'justify-center')}
          >
            <Search className="size-4 shrink-0" aria-hidden />
            <span className={cn('flex-1 text-left', narrow && 'sr-only')}>Search</span>
            {!narrow && <kbd className="rounded max-md:hidden border border-border px-1 font-sans text-xs">{shortcut}</kbd>}
          </button>
        </Labeled>
      </div>
      <nav aria-label="Pages" className={cn('flex-1 space-y-4 overflow-y-auto px-3 pb-3', narrow && 'px-2')}>
        {pagesOf(workspace, administrator).map(({ group, pages }) => (
          <div key={group} role="group" aria-label={group}>
            {narrow ? <div className="mx-2 mb-2 h-px bg-border" /> : <p className="px-2 pb-1 text-xs font-medium text-muted-foreground">{group}</p>}
            <ul className="space-y-0.5">
              {pages.map(({ to, search, label, icon: Icon }) => (
                <li key={to}>
                  <Labeled text={label} narrow={narrow}>
                    <Link
                      to={to}
                      search={search}
                      activeOptions={{ includeSearch: false }}
                      onClick={onGo}
                      className={cn(
                        'flex h-9 items-center gap-2.5 rounded-md px-2 text-muted-foreground -outline-offset-2 transition-colors hover:bg-muted hover:text-foreground data-[status=active]:bg-accent data-[status=active]:font-medium data-[status=active]:text-foreground md:h-8',
                        narrow && 'justify-center',
                      )}
                    >
                      <Icon className="size-4 shrink-0" aria-hidden />
                      <span className={cn(narrow && 'sr-only')}>{label}</span>
                    </Link>
                  </Labeled>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className={cn('border-t border-border p-2', narrow && 'px-1.5')}>
        <AccountMenu narrow={narrow} onGo={onGo} onSignOut={onSignOut} />
      </div>
    </>
  )
}

function Labeled({ text, narrow, children }: { text: string; narrow: boolean; children: React.ReactElement }) {
  return narrow ? <Tooltip text={text}>{children}</Tooltip> : children
}

const shortcut = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K'
