import { useRouter } from '@tanstack/react-router'
import { AppWindow, Check, ChevronsUpDown, Plus, Settings2 } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { isAdmin, roleLabels, roleOf } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import { cn } from '@/shared/ui/cn'
import { Command, CommandEmpty, CommandGroup, CommandInput, CommandItem, CommandList } from '@/shared/ui/command'
import { Initial } from '@/shared/ui/initial'
import { Popover, PopoverContent, PopoverTrigger } from '@/shared/ui/popover'
import { useSwitchPlace } from './switch-place'

/** A search box is worth its place from here on. */
const many = 8

interface Place {
  id: string
  name: string
  hint: string
}

/** A button that says where one is, and opens a list of where one can go, with what else can be done below it. */
function Switcher(props: {
  kind: 'Organization' | 'App'
  current: Place | undefined
  /** What the button says where there is none. */
  none: string
  places: readonly Place[]
  tile: (place: Place | undefined) => ReactNode
  onChoose: (id: string) => void
  actions: readonly { label: string; icon: ReactNode; run: () => void }[]
  narrow?: boolean | undefined
  compact?: boolean | undefined
}) {
  const { kind, current, narrow, compact } = props
  const [open, setOpen] = useState(false)
  const close = (run: () => void) => () => {
    setOpen(false)
    run()
  }
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <button
          type="button"
          aria-label={[`${kind}: ${current?.name ?? props.none}`, current?.hint].filter(Boolean).join(' ')}
          title={narrow ? `${kind}: ${current?.name ?? props.none}` : undefined}
          className={cn(
            'flex min-w-0 items-center gap-2.5 rounded-md text-left hover:bg-muted data-[state=open]:bg-muted',
            compact ? 'h-9 max-w-full px-2' : 'h-11 w-full px-1.5',
            narrow && 'justify-center px-0',
          )}
        >
          {!compact && props.tile(current)}
          <span className={cn('min-w-0 flex-1', narrow && 'hidden')}>
            <span className="block truncate leading-tight font-medium">{current?.name ?? props.none}</span>{' '}
            {!compact && current && <span className="block truncate text-xs leading-tight text-muted-foreground">{current.hint}</span>}
          </span>
          {!narrow && <ChevronsUpDown className="size-4 shrink-0 text-muted-foreground" aria-hidden />}
        </button>
      </PopoverTrigger>
      <PopoverContent aria-label={`${kind}s`} align={compact ? 'center' : 'start'} side={narrow ? 'right' : 'bottom'} className="w-72">
        <Command label={`${kind}s`} defaultValue={current?.id ?? ''}>
          {/* without the box, the list still takes the keys */}
          <div className={cn(props.places.length < many && 'sr-only')}>
            <CommandInput placeholder={`Search ${kind.toLowerCase()}s…`} />
          </div>
          <CommandList>
            <CommandEmpty>Nothing matches.</CommandEmpty>
            <CommandGroup heading={`${kind}s`}>
              {props.places.map((place) => (
                <CommandItem key={place.id} value={place.id} keywords={[place.name]} onSelect={close(() => props.onChoose(place.id))}>
                  {props.tile(place)}
                  <span className="min-w-0 flex-1">
                    <span className="block truncate">{place.name}</span>
                    <span className="block truncate text-xs text-muted-foreground">{place.hint}</span>
                  </span>
                  {place.id === current?.id && <Check className="size-4 shrink-0 text-primary" aria-label="chosen" />}
                </CommandItem>
              ))}
            </CommandGroup>
            {props.actions.length > 0 && (
              <CommandGroup className="mt-1 border-t border-border pt-1">
                {props.actions.map(({ label, icon, run }) => (
                  <CommandItem key={label} value={label} onSelect={close(run)} className="[&_svg]:size-4 [&_svg]:text-muted-foreground">
                    {icon}
                    {label}
                  </CommandItem>
                ))}
              </CommandGroup>
            )}
          </CommandList>
        </Command>
      </PopoverContent>
    </Popover>
  )
}

export function OrganizationSwitcher({ narrow, onNew, onGo }: { narrow?: boolean; onNew: () => void; onGo?: (() => void) | undefined }) {
  const { organizations, organization } = useWorkspace()
  const { openOrganization } = useSwitchPlace()
  const placeOf = ({ id, name, role }: (typeof organizations)[number]): Place => ({ id, name, hint: roleLabels[roleOf(role)] })
  return (
    <Switcher
      kind="Organization"
      narrow={narrow}
      current={organization && placeOf(organization)}
      none="No organization"
      places={organizations.map(placeOf)}
      tile={(place) => <Initial name={place?.name ?? '–'} />}
      onChoose={(id) => {
        openOrganization(id)
        onGo?.()
      }}
      actions={[{ label: 'New organization', icon: <Plus aria-hidden />, run: onNew }]}
    />
  )
}

export function AppSwitcher({ narrow, compact, onGo }: { narrow?: boolean; compact?: boolean; onGo?: (() => void) | undefined }) {
  const { organization, apps, app } = useWorkspace()
  const { openApp } = useSwitchPlace()
  const router = useRouter()
  const own = apps.filter((each) => each.organization_id === organization?.id)
  const placeOf = ({ id, name, time_zone }: (typeof apps)[number]): Place => ({ id, name, hint: time_zone.replaceAll('_', ' ') })
  const search = organization ? { organization: organization.id } : {}
  const go = (to: '/apps' | '/apps/new') => () => {
    void router.navigate({ to, search })
    onGo?.()
  }
  return (
    <Switcher
      kind="App"
      narrow={narrow}
      compact={compact}
      current={app && placeOf(app)}
      none="No app"
      places={own.map(placeOf)}
      tile={() => (
        <span className="grid size-7 shrink-0 place-items-center rounded-md bg-muted text-muted-foreground" aria-hidden>
          <AppWindow className="size-4" />
        </span>
      )}
      onChoose={(id) => {
        const chosen = own.find((each) => each.id === id)
        if (chosen) openApp(chosen)
        onGo?.()
      }}
      actions={[
        { label: 'All apps', icon: <Settings2 aria-hidden />, run: go('/apps') },
        ...(isAdmin(organization) ? [{ label: 'New app', icon: <Plus aria-hidden />, run: go('/apps/new') }] : []),
      ]}
    />
  )
}
