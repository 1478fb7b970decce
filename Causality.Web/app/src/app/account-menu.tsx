import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { ChevronsUpDown, CircleUser, LogOut, Monitor, Moon, Sun } from 'lucide-react'
import { sessionQuery } from '@/shared/session/session.queries'
import { cn } from '@/shared/ui/cn'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@/shared/ui/dropdown-menu'
import { Initial } from '@/shared/ui/initial'
import { chooseTheme, themeLabels, themes, useTheme, type Theme } from './theme'

const themeIcons = { light: Sun, dark: Moon, system: Monitor }

export function AccountMenu({ narrow = false, onGo, onSignOut }: { narrow?: boolean; onGo?: (() => void) | undefined; onSignOut: () => void }) {
  const { data: me } = useQuery(sessionQuery)
  const theme = useTheme()
  const router = useRouter()
  const who = me?.name || me?.email || ''
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <button
          type="button"
          aria-label={['Account:', who, me?.name && me.email].filter(Boolean).join(' ')}
          className={cn('flex h-11 w-full min-w-0 items-center gap-2.5 rounded-md px-2 text-left -outline-offset-2 hover:bg-muted data-[state=open]:bg-muted', narrow && 'justify-center px-0')}
        >
          <Initial name={who} round />
          <span className={cn('min-w-0 flex-1', narrow && 'hidden')}>
            <span className="block truncate leading-tight font-medium">{who}</span>{' '}
            {me?.name && <span className="block truncate text-xs leading-tight text-muted-foreground">{me.email}</span>}
          </span>
          {!narrow && <ChevronsUpDown className="size-4 shrink-0 text-muted-foreground" aria-hidden />}
        </button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" side="top" className="w-56">
        <DropdownMenuLabel className="break-words">{me?.email}</DropdownMenuLabel>
        <DropdownMenuItem
          onSelect={() => {
            onGo?.()
            void router.navigate({ to: '/profile' })
          }}
        >
          <CircleUser aria-hidden />
          Profile
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuRadioGroup aria-label="Theme" value={theme} onValueChange={(value) => chooseTheme(value as Theme)}>
          <DropdownMenuLabel>Theme</DropdownMenuLabel>
          {themes.map((each) => {
            const Icon = themeIcons[each]
            return (
              <DropdownMenuRadioItem key={each} value={each}>
                <Icon aria-hidden />
                {themeLabels[each]}
              </DropdownMenuRadioItem>
            )
          })}
        </DropdownMenuRadioGroup>
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={onSignOut}>
          <LogOut aria-hidden />
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
