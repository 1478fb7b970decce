import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { AppWindow, Building2, CircleUser, LogOut, Monitor, Moon, Plus, Sun, KeyRound, Settings } from 'lucide-react'
import { Dialog as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { isAdministrator, sessionQuery } from '@/shared/session/session.queries'
import { isAdmin } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import { Command, CommandEmpty, CommandGroup, CommandInput, CommandItem, CommandList } from '@/shared/ui/command'
import { DialogBackdrop, useReturningFocus } from '@/shared/ui/dialog'
import { pagesOf } from './pages'
import { useSwitchPlace } from './switch-place'
import { chooseTheme } from './theme'

interface Entry {
  name: string
  hint?: string | undefined
  keywords?: string[]
  icon: ReactNode
  run: () => void
}

/** Everything by name: pages, apps, organizations, actions. Ctrl or Cmd and K open and close it. */
export function CommandPalette(props: { open: boolean; onOpenChange: (open: boolean) => void; onNewOrganization: () => void; onSignOut: () => void }) {
  const returning = useReturningFocus()
  return (
    <Primitive.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Primitive.Portal>
        <DialogBackdrop />
        <Primitive.Content
          aria-modal
          aria-describedby={undefined}
          {...returning}
          className="fixed inset-x-0 top-[12dvh] z-50 mx-auto w-[calc(100vw-2rem)] max-w-lg animate-rise overflow-hidden rounded-xl border border-border bg-raised shadow-xl shadow-black/20 outline-none max-sm:top-4"
        >
          <Primitive.Title className="sr-only">Search pages, apps and actions</Primitive.Title>
          <Palette {...props} onRun={() => props.onOpenChange(false)} />
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

function Palette({ onRun, onNewOrganization, onSignOut }: { onRun: () => void; onNewOrganization: () => void; onSignOut: () => void }) {
  const workspace = useWorkspace()
  const administrator = isAdministrator(useQuery(sessionQuery).data)
  const { organizations, organization, app, apps } = workspace
  const { openApp, openOrganization } = useSwitchPlace()
  const router = useRouter()
  const organizationName = (id: string) => organizations.find((each) => each.id === id)?.name
  const groups: { heading: string; entries: Entry[] }[] = [
    {
      heading: 'Pages',
      entries: [
        ...pagesOf(workspace, administrator).flatMap(({ group, pages }) =>
          pages.map(({ to, search, label, icon: Icon }) => ({ name: label, hint: group, icon: <Icon aria-hidden />, run: () => void router.navigate({ to, search }) })),
        ),
        ...(app
          ? [
              { name: 'API keys', hint: app.name, keywords: ['rotate', 'revoke'], icon: <KeyRound aria-hidden />, run: () => void router.navigate({ to: '/apps/$appId/keys', params: { appId: app.id } }) },
              { name: 'Settings', hint: app.name, keywords: ['retention', 'origins'], icon: <Settings aria-hidden />, run: () => void router.navigate({ to: '/apps/$appId', params: { appId: app.id } }) },
            ]
          : []),
        { name: 'Profile', hint: 'Account', keywords: ['password', 'sessions'], icon: <CircleUser aria-hidden />, run: () => void router.navigate({ to: '/profile' }) },
      ],
    },
    {
      heading: 'Apps',
      entries: apps.map((app) => ({
        name: app.name,
        hint: organizations.length > 1 ? organizationName(app.organization_id) : undefined,
        keywords: [app.id, 'app'],
        icon: <AppWindow aria-hidden />,
        run: () => openApp(app),
      })),
    },
    {
      heading: 'Organizations',
      entries: organizations.length > 1 ? organizations.map(({ id, name }) => ({ name, keywords: ['organization'], icon: <Building2 aria-hidden />, run: () => openOrganization(id) })) : [],
    },
    {
      heading: 'Actions',
      entries: [
        ...(isAdmin(organization)
          ? [{ name: 'New app', icon: <Plus aria-hidden />, run: () => void router.navigate({ to: '/apps/new', search: { organization: organization?.id ?? '' } }) }]
          : []),
        { name: 'New organization', icon: <Plus aria-hidden />, run: onNewOrganization },
        { name: 'Light theme', keywords: ['appearance'], icon: <Sun aria-hidden />, run: () => chooseTheme('light') },
        { name: 'Dark theme', keywords: ['appearance', 'night'], icon: <Moon aria-hidden />, run: () => chooseTheme('dark') },
        { name: 'System theme', keywords: ['appearance', 'auto'], icon: <Monitor aria-hidden />, run: () => chooseTheme('system') },
        { name: 'Sign out', keywords: ['log out', 'leave'], icon: <LogOut aria-hidden />, run: onSignOut },
      ],
    },
  ]
  return (
    <Command label="Pages, apps and actions" loop>
      <CommandInput placeholder="Search pages, apps, actions…" className="h-12" />
      <CommandList className="max-h-[min(24rem,60dvh)]">
        <CommandEmpty>Nothing is called that.</CommandEmpty>
        {groups
          .filter(({ entries }) => entries.length > 0)
          .map(({ heading, entries }) => (
            <CommandGroup key={heading} heading={heading}>
              {entries.map(({ name, hint, keywords = [], icon, run }, index) => (
                <CommandItem
                  key={`${name} ${index}`}
                  value={`${heading} ${name} ${index}`}
                  keywords={[name, ...keywords]}
                  onSelect={() => {
                    onRun()
                    run()
                  }}
                  className="[&_svg]:size-4 [&_svg]:text-muted-foreground"
                >
                  {icon}
                  <span className="min-w-0 flex-1 truncate">{name}</span>
                  {hint && <span className="text-xs text-muted-foreground">{hint}</span>}
                </CommandItem>
              ))}
            </CommandGroup>
          ))}
      </CommandList>
    </Command>
  )
}
